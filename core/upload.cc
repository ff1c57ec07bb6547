#include "core/upload.h"

#include <algorithm>

#include "core/engine.h"

namespace quarry::core {

Upload& Upload::operator=(Upload&& other) noexcept {
  std::swap(engine_, other.engine_);
  std::swap(shard_, other.shard_);
  std::swap(handle_, other.handle_);
  std::swap(page_, other.page_);
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
  const uint64_t page_bytes = engine_->LargeAt(handle_).page_bytes();
  uint64_t at = received_bytes_;
  uint32_t page = page_;
  size_t filled = 0;
  while (filled < spaces.size() && at < value_bytes_) {
    if (at < page_bytes && at % kPageBytes == 0) {
      page = engine_->TakePageBehind(page, at + kPageBytes >= page_bytes, *this);
      if (page == 0) {
        break;
      }
    }
    spaces[filled] = at < page_bytes ? InPage(page, at, page_bytes) : InChunk(at - page_bytes);
    at += spaces[filled++].size();
  }
  return filled;
}

void Upload::Advance(uint64_t bytes) {
  const LargeValue& value = engine_->LargeAt(handle_);
  const uint64_t end = std::min<uint64_t>(received_bytes_ + bytes, value.page_bytes());
  uint64_t page_begin = (received_bytes_ + kPageBytes - 1) / kPageBytes * kPageBytes;
  for (; page_begin < end; page_begin += kPageBytes) {
    page_ = page_ == 0 ? value.first_page : engine_->arena_->info(page_).next_page;
  }
  received_bytes_ += bytes;
}

std::span<char> Upload::InPage(uint32_t page, uint64_t at, uint64_t page_bytes) const {
  const uint64_t offset = at % kPageBytes;
  return {engine_->arena_->page(page) + offset, std::min(kPageBytes - offset, page_bytes - at)};
}

std::span<char> Upload::InChunk(uint64_t at) const {
  LargeValue& value = engine_->LargeAt(handle_);
  if (at < value.inline_bytes) {
    return {value.inline_data() + at, value.inline_bytes - at};
  }
  const Arena& arena = *engine_->arena_;
  const uint64_t rest_bytes = value.value_bytes - value.page_bytes() - at;
  uint64_t offset = at - value.inline_bytes;
  uint32_t part = 0;
  for (; offset >= value.PartCapacity(arena, part); ++part) {
    offset -= value.PartCapacity(arena, part);
  }
  char* begin = arena.At(value.parts()[part]) + sizeof(Item);
  return {begin + offset, std::min(value.PartCapacity(arena, part) - offset, rest_bytes)};
}

}  // namespace quarry::core
