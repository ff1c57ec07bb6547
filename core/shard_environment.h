#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "core/arena.h"
#include "core/large_turns.h"
#include "core/page_pool.h"
#include "core/read_counters.h"
#include "core/slab_classes.h"

namespace quarry::core {

class EvictionObserver;

/// What all shards share. References are to what outlives the shards.
struct ShardEnvironment {
  Arena& arena;
  PagePool& pool;
  const SlabClasses& classes;
  LargeTurns& large_turns;
  std::span<ReadCounters> read_counters;          ///< of all who read
  const std::atomic<bool>& flat_lru;              ///< plain LRU instead of segmented
  const std::atomic<bool>& rebalancing;           ///< pages move to where they are worth more
  const std::atomic<int64_t>& temporary_ttl_sec;  ///< see Engine::SetTemporaryTtl; -1: off
  uint64_t hash_seed = 0;
  uint32_t index_start_page = 0;  ///< the first of those where the indexes begin: see Index
  bool evict = true;
  bool cas_enabled = true;
  EvictionObserver* eviction_observer = nullptr;
};

}  // namespace quarry::core
