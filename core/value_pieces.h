#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/arena.h"
#include "core/large_value.h"

namespace quarry::core {

/// What is left of a large value, in pieces that lie in one place each: its pages, then what its
/// head holds, then its parts. A view, to be copied at will; right only as long as the item is
/// pinned or belongs to the caller. No lock.
class ValuePieces {
 public:
  ValuePieces() = default;
  /// The whole value, which has all its pages.
  ValuePieces(const Arena& arena, const LargeValue& value);

  bool empty() const { return rest_bytes_ == 0; }
  uint64_t rest_bytes() const { return rest_bytes_; }

  /// The next piece, never empty. There must be one.
  std::string_view front() const;
  void PopFront() { RemovePrefix(front().size()); }
  /// Goes on by so many bytes, over as many pieces as that takes; at most what is left.
  void RemovePrefix(uint64_t bytes);

 private:
  uint32_t capacity() const;

  const Arena* arena_ = nullptr;
  const LargeValue* value_ = nullptr;
  uint32_t page_ = 0;    // of the piece, if it is one of the pages
  uint32_t chunk_ = 0;   // else its number among the chunks; 0 is the head's
  uint32_t offset_ = 0;  // into the piece
  uint32_t rest_bytes_ = 0;
};

}  // namespace quarry::core
