#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/arena.h"
#include "core/large_value.h"

namespace quarry::core {

/// What is left of a large value, in pieces that lie in one place each: its pages, as many at once
/// as lie side by side, then what its head holds, then its parts, blocks likewise. A view, to be
/// copied at will; right only as long as the item is pinned or belongs to the caller. No lock.
class ValuePieces {
 public:
  ValuePieces() = default;
  /// The whole value.
  ValuePieces(const Arena& arena, const LargeValue& value)
      : arena_(&arena),
        value_(&value),
        page_count_(value.page_count()),
        rest_bytes_(value.value_bytes) {
    SkipEmptyHead();
  }

  bool empty() const { return rest_bytes_ == 0; }
  uint64_t rest_bytes() const { return rest_bytes_; }

  /// The next piece, never empty, which is not left afterwards. There must be one. Of the value's
  /// pages only those below the one of number `page_end` are looked at.
  std::string_view TakeFront(uint32_t page_end = UINT32_MAX) {
    const Piece whole = number_ < page_count_ ? PagesSideBySide(std::min(page_end, page_count_))
                                              : ChunksSideBySide();
    const uint32_t bytes = std::min(whole.bytes - offset_, rest_bytes_);
    const std::string_view piece = {whole.begin + offset_, bytes};
    rest_bytes_ -= bytes;
    offset_ = 0;
    Pass(whole.count);
    return piece;
  }
  /// Goes on by so many bytes, over as many pieces as that takes; at most what is left.
  void RemovePrefix(uint64_t bytes);

 private:
  struct Piece {
    const char* begin;
    uint32_t bytes;
    uint32_t count;  ///< of pages or chunks that it is made of
  };

  // The value may end before these do.

  Piece PagesSideBySide(uint32_t page_end) const {
    const uint32_t* const pages = value_->pages();
    uint32_t next = number_ + 1;
    while (next < page_end && pages[next] == pages[next - 1] + 1) {
      ++next;
    }
    const uint32_t count = next - number_;
    return {arena_->page(pages[number_]), count * static_cast<uint32_t>(kPageBytes), count};
  }
  Piece ChunksSideBySide() const {
    if (number_ == page_count_) {
      return {value_->inline_data(), value_->inline_bytes, 1};
    }
    const Handle* const part = value_->parts() + (number_ - page_count_ - 1);
    const Handle* const end = value_->parts() + value_->part_count;
    const uint32_t chunk_bytes = arena_->ChunkBytesAt(*part);
    const char* const begin = arena_->At(*part, chunk_bytes);
    if (chunk_bytes != kBlockBytes) {
      constexpr uint32_t kHeaderBytes = sizeof(Item);
      return {begin + kHeaderBytes, chunk_bytes - kHeaderBytes, 1};
    }
    // Blocks of one page are numbered in the order in which they lie.
    uint32_t count = 1;
    while (part + count < end && part[count] == part[count - 1] + 1) {
      ++count;
    }
    return {begin, count * kBlockBytes, count};
  }
  void Pass(uint32_t count) {
    number_ += count;
    SkipEmptyHead();
  }
  void SkipEmptyHead() { number_ += number_ == page_count_ && value_->inline_bytes == 0 ? 1 : 0; }

  const Arena* arena_ = nullptr;
  const LargeValue* value_ = nullptr;
  uint32_t page_count_ = 0;
  uint32_t number_ = 0;  // of the piece: first the pages, then the head's, then the parts
  uint32_t offset_ = 0;  // into the piece: a page, or the blocks side by side from there on
  uint32_t rest_bytes_ = 0;
};

}  // namespace quarry::core
