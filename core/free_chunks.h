#pragma once

#include <cstddef>
#include <vector>

#include "core/arena.h"
#include "core/chunk_list.h"
#include "core/handle.h"

namespace quarry::core {

/// The free chunks of a slab class. What was freed last is handed out first, and the latest are
/// known here by their handles: several are handed out without a look at one to find the next. Each
/// look would wait for memory. The others form a list. Guarded by its shard's lock.
class FreeChunks {
 public:
  bool empty() const { return near_.empty() && far_.empty(); }

  void Push(const Arena& arena, Handle chunk) {
    if (near_.size() == near_.capacity()) [[unlikely]] {
      near_.reserve(kMaxNear);  // which a class that is not used does without
      MoveAway(arena, near_.size() / 2);
    }
    near_.push_back(chunk);
  }

  /// There is one.
  Handle Pop(const Arena& arena) {
    if (near_.empty()) {
      return far_.PopFront(arena);
    }
    const Handle chunk = near_.back();
    near_.pop_back();
    return chunk;
  }

  /// A chunk that is among them.
  void Remove(const Arena& arena, Handle chunk) {
    MoveAway(arena, near_.size());
    far_.Remove(arena, chunk);
  }

 private:
  /// What two items of 30 KB are made of.
  static constexpr size_t kMaxNear = 16;

  /// Moves so many of the near ones, the oldest, into the list.
  void MoveAway(const Arena& arena, size_t count) {
    const auto end = near_.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto chunk = near_.begin(); chunk != end; ++chunk) {
      far_.PushFront(arena, *chunk);
    }
    near_.erase(near_.begin(), end);
  }

  std::vector<Handle> near_;
  ChunkList far_;
};

}  // namespace quarry::core
