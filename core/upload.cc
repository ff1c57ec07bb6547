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
  // Only the last segments are shorter than a page, so this is the segment to go on with or close
  // before it.
  uint64_t begin = 0;
  size_t filled = 0;
  for (uint32_t i = 0; i < value.segment_count && filled < spaces.size(); ++i) {
    Segment& segment = value.segments[i];
    const uint64_t end = begin + segment.bytes;
    if (end > received_bytes_) {
      if (segment.handle == kNoHandle) {
        const uint32_t page = engine_->TakeValuePage(*this);
        if (page == 0) {
          break;
        }
        segment.handle = MakeHandle(page, 0);
      }
      const std::string_view bytes = engine_->SegmentBytes(segment);
      const uint64_t done = received_bytes_ > begin ? received_bytes_ - begin : 0;
      spaces[filled++] = {const_cast<char*>(bytes.data()) + done, bytes.size() - done};
    }
    begin = end;
  }
  return filled;
}

}  // namespace quarry::core
