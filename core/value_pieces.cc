#include "core/value_pieces.h"

#include <algorithm>

#include "core/base/check.h"

namespace quarry::core {

ValuePieces::ValuePieces(const Arena& arena, const LargeValue& value)
    : arena_(&arena),
      value_(&value),
      page_(value.first_page),
      chunk_(value.inline_bytes == 0 ? 1 : 0),
      rest_bytes_(value.value_bytes) {}

std::string_view ValuePieces::front() const {
  const char* begin = nullptr;
  if (page_ != 0) {
    begin = arena_->page(page_);
  } else if (chunk_ == 0) {
    begin = value_->inline_data();
  } else {
    begin = arena_->At(value_->parts()[chunk_ - 1]) + sizeof(Item);
  }
  return {begin + offset_, std::min(capacity() - offset_, rest_bytes_)};
}

void ValuePieces::RemovePrefix(uint64_t bytes) {
  QUARRY_CHECK(bytes <= rest_bytes_);
  while (bytes > 0) {
    const auto step = static_cast<uint32_t>(std::min<uint64_t>(bytes, capacity() - offset_));
    bytes -= step;
    rest_bytes_ -= step;
    offset_ += step;
    if (offset_ < capacity()) {
      return;
    }
    offset_ = 0;
    if (page_ != 0) {
      page_ = arena_->info(page_).next_page;
    } else {
      ++chunk_;
    }
  }
}

/// The last piece may be shorter than this.
uint32_t ValuePieces::capacity() const {
  if (page_ != 0) {
    return static_cast<uint32_t>(kPageBytes);
  }
  return chunk_ == 0 ? value_->inline_bytes : value_->PartCapacity(*arena_, chunk_ - 1);
}

}  // namespace quarry::core
