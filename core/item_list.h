#pragma once

#include <cstdint>

#include "core/engine_stats.h"
#include "core/segmented_lru.h"

namespace quarry::core {

/// The items of one LRU list of a shard, and what is known of their coming and going. All zero bits
/// are an empty list, so that one that was never used costs no memory: nothing may be written to it
/// without need. Guarded by the shard's lock.
struct ItemList {
  SegmentedLru lru;
  uint64_t item_bytes = 0;
  uint64_t value_pages = 0;  ///< whole pages of values
  bool was_used = false;     ///< has ever held an item
  uint32_t evictions = 0;    ///< counts to the next Rebalance
  // Of late: halved with each ghost epoch.
  uint32_t recent_hits = 0;
  uint32_t recent_evictions = 0;
  uint32_t recent_ghost_hits = 0;  ///< of what was evicted
  uint32_t last_evicted_idle_sec = 0;
  ClassCounters counters;

  bool HasRecent() const { return (recent_hits | recent_evictions | recent_ghost_hits) != 0; }
  /// Lets what is known of late fade.
  void Fade() {
    if (HasRecent()) {
      recent_hits /= 2;
      recent_evictions /= 2;
      recent_ghost_hits /= 2;
    }
  }
  /// Drops what is known of late.
  void Forget() {
    if (HasRecent()) {
      recent_hits = recent_evictions = recent_ghost_hits = 0;
    }
  }
};

}  // namespace quarry::core
