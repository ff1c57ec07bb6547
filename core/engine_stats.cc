#include "core/engine_stats.h"

namespace quarry::core {

ClassCounters& ClassCounters::operator+=(const ClassCounters& other) {
  get_hits += other.get_hits;
  hits_to_probation += other.hits_to_probation;
  hits_to_protected += other.hits_to_protected;
  hits_to_temporary += other.hits_to_temporary;
  set_cmds += other.set_cmds;
  delete_hits += other.delete_hits;
  incr_hits += other.incr_hits;
  decr_hits += other.decr_hits;
  cas_hits += other.cas_hits;
  cas_badval += other.cas_badval;
  touch_hits += other.touch_hits;
  evicted += other.evicted;
  evicted_nonzero += other.evicted_nonzero;
  evicted_unfetched += other.evicted_unfetched;
  evicted_active += other.evicted_active;
  expired_unfetched += other.expired_unfetched;
  reclaimed += other.reclaimed;
  crawler_reclaimed += other.crawler_reclaimed;
  crawler_checked += other.crawler_checked;
  out_of_memory += other.out_of_memory;
  direct_reclaims += other.direct_reclaims;
  moves_to_protected += other.moves_to_protected;
  moves_to_probation += other.moves_to_probation;
  moves_within_lru += other.moves_within_lru;
  ghost_hits += other.ghost_hits;
  return *this;
}

ShardCounters& ShardCounters::operator+=(const ShardCounters& other) {
  get_cmds += other.get_cmds;
  touch_cmds += other.touch_cmds;
  get_misses += other.get_misses;
  get_expired += other.get_expired;
  get_flushed += other.get_flushed;
  set_cmds += other.set_cmds;
  delete_misses += other.delete_misses;
  incr_misses += other.incr_misses;
  decr_misses += other.decr_misses;
  cas_misses += other.cas_misses;
  touch_misses += other.touch_misses;
  store_too_large += other.store_too_large;
  store_no_memory += other.store_no_memory;
  total_items += other.total_items;
  pages_moved += other.pages_moved;
  items_rescued += other.items_rescued;
  parts_rescued += other.parts_rescued;
  pages_busy += other.pages_busy;
  return *this;
}

}  // namespace quarry::core
