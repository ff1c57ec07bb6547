#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "core/base/zeroed_array.h"
#include "core/item.h"
#include "core/operations.h"

namespace quarry::core {

/// What the reads of one worker have come to, by shard and LRU list, until the shard collects it.
/// Each worker has one of its own (beyond EngineOptions::kMaxReaders, some share one), so that a
/// read writes to no cache line that other workers use, but for that of its shard's lock. What is
/// counted of a shard is touched under its lock only.
///
///     | list 0: shard 0 | shard 1 | ... | list 1: ... | misses: shard 0 | ...
///
/// A list that no shard uses costs no memory.
class ReadCounters {
 public:
  /// Of a list, the gets that met an item in each ChunkState. No item that can be found is in that
  /// of kTouches, which counts the touches; of misses there is kGets as well.
  using Counts = std::array<uint64_t, 4>;
  static constexpr size_t kTouches = 0;
  static constexpr size_t kGets = 1;
  static_assert(static_cast<size_t>(ChunkState::kFree) == kTouches &&
                static_cast<size_t>(ChunkState::kTemporary) < std::tuple_size_v<Counts>);

  ReadCounters(uint32_t shard_count, uint32_t list_count)
      : shard_count_(shard_count),
        list_count_(list_count),
        counts_(size_t{shard_count} * (list_count + 1)) {}

  /// `state`: the number of the item's ChunkState.
  void CountHit(CountAs count_as, uint32_t shard_index, uint32_t list_index, size_t state) {
    if (count_as != CountAs::kNothing) {
      ++OfList(shard_index, list_index)[count_as == CountAs::kGet ? state : kTouches];
    }
  }
  void CountMiss(CountAs count_as, uint32_t shard_index) {
    if (count_as != CountAs::kNothing) {
      ++Misses(shard_index)[count_as == CountAs::kGet ? kGets : kTouches];
    }
  }

  /// To be collected, and then cleared.
  Counts& OfList(uint32_t shard_index, uint32_t list_index) {
    return counts_[size_t{list_index} * shard_count_ + shard_index];
  }
  Counts& Misses(uint32_t shard_index) { return OfList(shard_index, list_count_); }

 private:
  uint32_t shard_count_;
  uint32_t list_count_;
  ZeroedArray<Counts> counts_;
};

}  // namespace quarry::core
