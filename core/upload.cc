#include "core/upload.h"

#include <algorithm>

#include "core/engine.h"

namespace quarry::core {
namespace {

/// How many pages so many bytes take.
uint32_t PagesFor(uint64_t bytes) {
  return static_cast<uint32_t>((bytes + kPageBytes - 1) / kPageBytes);
}

}  // namespace

Upload& Upload::operator=(Upload&& other) noexcept {
  std::swap(engine_, other.engine_);
  std::swap(shard_, other.shard_);
  std::swap(handle_, other.handle_);
  std::swap(page_count_, other.page_count_);
  std::swap(page_count_end_, other.page_count_end_);
  std::swap(value_bytes_, other.value_bytes_);
  std::swap(rest_, other.rest_);
  std::swap(started_, other.started_);
  return *this;
}

Upload::~Upload() {
  if (engine_ != nullptr) {
    engine_->DropUpload(*this);
  }
}

size_t Upload::Space(std::span<std::span<char>> spaces, uint64_t wanted_bytes) {
  const uint64_t begin = value_bytes_ - remaining_bytes();
  uint64_t end = begin + std::min(wanted_bytes, remaining_bytes());
  engine_->TakeValuePages(PagesFor(end), *this);
  if (page_count_ < page_count_end_) {
    end = std::min(end, page_count_ * kPageBytes);
  }
  const uint32_t page_end = PagesFor(end);
  ValuePieces rest = rest_;
  size_t filled = 0;
  for (uint64_t at = begin; at < end && filled < spaces.size();) {
    const std::string_view piece = rest.TakeFront(page_end);
    spaces[filled++] = {const_cast<char*>(piece.data()), piece.size()};  // nobody else's yet
    at += piece.size();
  }
  return filled;
}

}  // namespace quarry::core
