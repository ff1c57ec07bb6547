#pragma once

#include <algorithm>
#include <cstdint>

#include "core/handle.h"

namespace quarry::core {

/// What remains of an evicted item: its tag in the index and, where its handle stood, this:
///
///      31               11 10     8 7          0
///     |  0: no page       |  epoch | LRU list   |
///
/// Page 0 has no chunks and epoch 0 is none, so that no handle of an item and no empty slot looks
/// like a ghost. Costs no memory: it lives in a slot that is free.
struct Ghost {
  static constexpr uint32_t kListBits = 8;
  static constexpr uint32_t kMaxList = (uint32_t{1} << kListBits) - 1;

  uint32_t list_index = 0;  ///< that it was evicted from; kMaxList: that one or a later one
  uint32_t epoch = 1;       ///< when: see GhostEpoch

  static bool Is(Handle handle) { return handle != kNoHandle && PageOf(handle) == 0; }
  static Ghost Of(Handle handle) { return {handle & kMaxList, handle >> kListBits}; }
  Handle handle() const { return epoch << kListBits | std::min(list_index, kMaxList); }
};

inline bool IsItem(Handle handle) {
  return PageOf(handle) != 0;
}

/// The clock by which ghosts age: 1 to kCount, round and round. A ghost that is kCount - 1 steps
/// old is forgotten.
class GhostEpoch {
 public:
  static constexpr uint32_t kCount = 7;

  uint32_t value() const { return value_; }
  void Advance() { value_ = value_ % kCount + 1; }
  /// Steps since `ghost` was made, as long as they are fewer than kCount.
  uint32_t AgeOf(Ghost ghost) const { return (value_ + kCount - ghost.epoch) % kCount; }
  bool IsForgotten(Ghost ghost) const { return AgeOf(ghost) == kCount - 1; }

 private:
  uint32_t value_ = 1;
};

}  // namespace quarry::core
