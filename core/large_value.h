#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/arena.h"
#include "core/handle.h"
#include "core/item.h"

namespace quarry::core {

/// Behind the key of a large item's head: where its value is.
///
///     pages()[0], pages()[1], ...   whole pages, by number
///     inline_data()                 then what the head's own chunk has room for
///     parts()[0], parts()[1], ...   then blocks, and chunks behind the header of an item each
///
/// The numbers lie behind this, those of the pages first, and then the inline data. An upload fills
/// in the pages as it takes them. Nothing but `pin_count` and `used_at` changes while the value is
/// pinned, so that it is read without the lock.
struct LargeValue {
  uint32_t value_bytes = 0;
  uint32_t pin_count = 0;  // under the shard's lock
  uint32_t used_at = 0;    // of one with pages: the turn of its last use, see LargeTurns
  uint16_t part_count = 0;
  uint16_t inline_bytes = 0;

  uint32_t* pages() { return reinterpret_cast<uint32_t*>(this + 1); }
  const uint32_t* pages() const { return reinterpret_cast<const uint32_t*>(this + 1); }
  Handle* parts() { return pages() + page_count(); }
  const Handle* parts() const { return pages() + page_count(); }
  char* inline_data() { return reinterpret_cast<char*>(parts() + part_count); }
  const char* inline_data() const { return reinterpret_cast<const char*>(parts() + part_count); }

  /// With nothing behind it the last page need not be full.
  uint32_t page_count() const {
    const bool may_be_short = part_count == 0 && inline_bytes == 0;
    const uint32_t unfilled = may_be_short ? static_cast<uint32_t>(kPageBytes) - 1 : 0;
    return (value_bytes + unfilled) / static_cast<uint32_t>(kPageBytes);
  }
  /// How many of the value's bytes are in its pages.
  uint32_t page_bytes() const {
    return std::min(value_bytes, page_count() * static_cast<uint32_t>(kPageBytes));
  }
};

/// Bytes of the head of a large item with so many pages and parts, without what it holds of the
/// value: a multiple of 4.
constexpr uint32_t LargeHeadBytes(size_t key_bytes, uint32_t page_count, uint32_t part_count) {
  return static_cast<uint32_t>(sizeof(Item) + Item::WordBytes(kAllWordFlags) +
                               (key_bytes + 3) / 4 * 4 + sizeof(LargeValue) +
                               (page_count + part_count) * sizeof(Handle));
}

/// The descriptor of an item with kLargeFlag.
inline LargeValue* LargeValueOf(Item* head) {
  char* behind_key = head->key_data() + (size_t{head->key_bytes} + 3) / 4 * 4;
  return reinterpret_cast<LargeValue*>(behind_key);
}

}  // namespace quarry::core
