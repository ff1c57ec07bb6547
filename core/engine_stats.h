#pragma once

#include <cstdint>
#include <vector>

namespace quarry::core {

/// What happened since the start or the last reset. Events of one slab class, summed over shards.
struct ClassCounters {
  uint64_t get_hits = 0;
  uint64_t hits_to_probation = 0;  ///< of which met an item that was on probation, ...
  uint64_t hits_to_protected = 0;  ///< ... in the protected queue, ...
  uint64_t hits_to_temporary = 0;  ///< ... or among those that will soon expire
  uint64_t set_cmds = 0;
  uint64_t delete_hits = 0;
  uint64_t incr_hits = 0;
  uint64_t decr_hits = 0;
  uint64_t cas_hits = 0;
  uint64_t cas_badval = 0;
  uint64_t touch_hits = 0;
  uint64_t evicted = 0;
  uint64_t evicted_nonzero = 0;  ///< of which had an expiry
  uint64_t evicted_unfetched = 0;
  uint64_t evicted_active = 0;  ///< of which were used since they last came to the head
  uint64_t expired_unfetched = 0;
  uint64_t reclaimed = 0;          ///< expired or flushed items whose memory was taken back ...
  uint64_t crawler_reclaimed = 0;  ///< ... of which in the background
  uint64_t crawler_checked = 0;    ///< items that the background has looked at for that
  uint64_t out_of_memory = 0;      ///< stores refused for want of memory
  uint64_t direct_reclaims = 0;    ///< items evicted by a store on its own way
  uint64_t moves_to_protected = 0;
  uint64_t moves_to_probation = 0;
  uint64_t moves_within_lru = 0;  ///< protected items that a read kept there
  uint64_t ghost_hits = 0;        ///< items stored again soon after they were evicted

  ClassCounters& operator+=(const ClassCounters& other);
};

/// Events that belong to no class.
struct ShardCounters {
  uint64_t get_cmds = 0;
  uint64_t touch_cmds = 0;
  uint64_t get_misses = 0;
  uint64_t get_expired = 0;
  uint64_t get_flushed = 0;
  uint64_t set_cmds = 0;
  uint64_t delete_misses = 0;
  uint64_t incr_misses = 0;
  uint64_t decr_misses = 0;
  uint64_t cas_misses = 0;
  uint64_t touch_misses = 0;
  uint64_t store_too_large = 0;
  uint64_t store_no_memory = 0;
  uint64_t total_items = 0;    ///< items ever stored
  uint64_t pages_moved = 0;    ///< pages that left their class, for another or for the pool
  uint64_t items_rescued = 0;  ///< items that moved out of such a page, heads included
  uint64_t parts_rescued = 0;  ///< parts of large items that did
  uint64_t pages_busy = 0;     ///< pages asked for that had to stay, for an item on its way

  ShardCounters& operator+=(const ShardCounters& other);
};

/// The present state of one slab class, and its counters. The blocks of medium items, and large
/// items, follow the classes with one chunk an item. The chunks of large items are their whole
/// pages.
struct ClassStats {
  uint32_t class_id = 0;     ///< 1-based
  uint64_t chunk_bytes = 0;  ///< of the large class: a page
  uint64_t chunks_per_page = 0;
  uint64_t total_pages = 0;
  uint64_t used_chunks = 0;
  uint64_t free_chunks = 0;
  uint64_t items = 0;
  uint64_t protected_items = 0;  ///< of which are in the protected queue, ...
  uint64_t probation_items = 0;  ///< ... on probation, ...
  uint64_t temporary_items = 0;  ///< ... and among those that will soon expire
  uint64_t item_bytes = 0;       ///< head, key and value of the items, summed
  uint64_t oldest_idle_sec = 0;  ///< of the item at the LRU's tail
  uint64_t oldest_protected_idle_sec = 0;
  uint64_t last_evicted_idle_sec = 0;
  ClassCounters counters;
};

/// A snapshot of the engine; shards are read one after the other.
struct EngineStats {
  std::vector<ClassStats> classes;  ///< those that own a page or an item, ascending
  ClassCounters class_totals;
  ShardCounters counters;
  uint64_t items = 0;
  uint64_t item_bytes = 0;
  uint64_t limit_bytes = 0;
  uint64_t page_bytes = 0;
  uint64_t pages_total = 0;  ///< that the limit allows
  uint64_t pages_free = 0;
  uint64_t pages_held = 0;  ///< in use; more than pages_total after the limit was lowered
  uint64_t index_bytes = 0;
  uint64_t index_buckets = 0;
  uint64_t in_flight_bytes = 0;  ///< claimed by uploads that have not been committed
  uint64_t pinned_bytes = 0;
  uint64_t shard_count = 0;
  uint64_t crawler_running = 0;  ///< 1 while a crawl is under way that was asked for
  uint64_t crawler_starts = 0;   ///< of such crawls
};

}  // namespace quarry::core
