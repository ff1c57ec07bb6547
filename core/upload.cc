#include "core/upload.h"

#include "core/engine.h"

namespace quarry::core {

Upload& Upload::operator=(Upload&& other) noexcept {
  std::swap(engine_, other.engine_);
  std::swap(shard_, other.shard_);
  std::swap(handle_, other.handle_);
  std::swap(value_bytes_, other.value_bytes_);
  std::swap(received_bytes_, other.received_bytes_);
  std::swap(started_, other.started_);
  return *this;
}

Upload::~Upload() {
  if (engine_ != nullptr) {
    engine_->DropUpload(*this);
  }
}

size_t Upload::Space(std::span<std::span<char>> spaces) {
  LargeValue& value = engine_->LargeAt(handle_);
  uint64_t end = 0;
  size_t filled = 0;
  for (uint32_t i = 0; i < value.segment_count && filled < spaces.size(); ++i) {
    Segment& segment = value.segments[i];
    const uint64_t begin = end;
    end += segment.bytes;
    if (end <= received_bytes_) {
      continue;
    }
    if (segment.handle == kNoHandle) {
      segment.handle = MakeHandle(engine_->TakeValuePage(*this), 0);
    }
    if (segment.handle == kNoHandle) {
      break;
    }
    const std::string_view bytes = engine_->SegmentBytes(segment);
    const uint64_t done = received_bytes_ > begin ? received_bytes_ - begin : 0;
    spaces[filled++] = {const_cast<char*>(bytes.data()) + done, bytes.size() - done};
  }
  return filled;
}

}  // namespace quarry::core
