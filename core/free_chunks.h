#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/arena.h"
#include "core/chunk_list.h"
#include "core/handle.h"

namespace quarry::core {

/// The free chunks of a slab class. What was freed last is handed out first, and the latest are
/// known here by their handles: several are handed out without a look at one to find the next, as
/// long as each look would wait for memory. The others form a list. Guarded by its shard's lock.
class FreeChunks {
 public:
  bool empty() const { return near_count_ == 0 && far_.empty(); }

  void Push(const Arena& arena, Handle chunk) {
    if (near_count_ == near_.size()) {
      MoveAway(arena, near_.size() / 2);
    }
    near_[near_count_++] = chunk;
  }

  /// There is one.
  Handle Pop(const Arena& arena) {
    return near_count_ > 0 ? near_[--near_count_] : far_.PopFront(arena);
  }

  /// A chunk that is among them.
  void Remove(const Arena& arena, Handle chunk) {
    MoveAway(arena, near_count_);
    far_.Remove(arena, chunk);
  }

 private:
  /// Moves so many of the near ones, the oldest, into the list.
  void MoveAway(const Arena& arena, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      far_.PushFront(arena, near_[i]);
    }
    std::copy(near_.begin() + count, near_.begin() + near_count_, near_.begin());
    near_count_ -= static_cast<uint32_t>(count);
  }

  // Two medium items of 30 KB.
  std::array<Handle, 16> near_{};
  uint32_t near_count_ = 0;
  ChunkList far_;
};

}  // namespace quarry::core
