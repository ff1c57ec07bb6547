#include "core/shard.h"

#include <xxhash.h>

#include "core/base/check.h"
#include "core/shard_inline.h"

namespace quarry::core {
namespace {

/// The index takes at most 10 bytes for 32 of items, so that half of the pages is never reached.
uint32_t MaxIndexPages(const Arena& arena) {
  return arena.page_count() / 2 + 1;
}

}  // namespace

uint64_t HashKey(std::string_view key, uint64_t seed) {
  return XXH3_64bits_withSeed(key.data(), key.size(), seed);
}

Shard::Shard(const ShardEnvironment& environment, std::span<ItemList> lists, uint16_t shard_index)
    : environment_(environment),
      shard_index_(shard_index),
      chunk_states_(environment.arena, environment.classes.block_class()),
      index_(environment.arena, environment.pool,
             environment.index_start_page + shard_index / Index::kStartsPerPage,
             shard_index % Index::kStartsPerPage, MaxIndexPages(environment.arena),
             [this](Handle handle) { return HashOf(At(handle)); }),
      classes_(environment.classes.slab_class_count()),
      lists_(lists),
      expiry_pages_(environment.arena) {}

Index::Slot Shard::SlotOf(Handle handle, uint64_t hash) const {
  const Index::Slot slot =
      index_.Find(hash, kUnknownSlot, [handle](Handle candidate) { return candidate == handle; });
  QUARRY_CHECK(slot);
  return slot;
}

uint64_t Shard::ItemBytesOf(Handle handle) const {
  const Item& item = At(handle);
  if (!item.Has(kLargeFlag)) {
    return sizeof(Item) + item.key_bytes + item.small_value_bytes;
  }
  const LargeValue& value = LargeAt(handle);
  return LargeHeadBytes(item.key_bytes, value.page_count(), value.part_count) + value.value_bytes;
}

void Shard::Flush(Expiry at, Instant now) {
  ApplyDueFlush(now);  // what is due is no longer to be replaced
  flush_at_ = at;
  if (at == kNever) {
    FlushNow();
  } else {
    ApplyDueFlush(now);
  }
}

void Shard::FlushNow() {
  flush_at_ = kNever;
  flush_mark_ = sequence_;
  flushed_ = true;
  CollectAllReads();
  for (ItemList& list : lists_) {
    list.Forget();  // what the flushed items brought is no reason to keep their memory
  }
  crawl_buckets_left_ = UINT32_MAX;  // when the crawl is through, no flushed item is left
}

void Shard::CollectReads(uint32_t list_index) {
  ItemList& list = lists_[list_index];
  for (ReadCounters& reads : environment_.read_counters) {
    ReadCounters::Counts& counts = reads.OfList(shard_index_, list_index);
    const auto of = [&counts](ChunkState state) {
      return counts[static_cast<size_t>(state)];
    };
    const uint64_t touches = counts[ReadCounters::kTouches];
    const uint64_t hits =
        of(ChunkState::kProbation) + of(ChunkState::kProtected) + of(ChunkState::kTemporary);
    if (touches + hits == 0) {
      continue;
    }
    list.counters.get_hits += hits;
    list.counters.hits_to_probation += of(ChunkState::kProbation);
    list.counters.hits_to_protected += of(ChunkState::kProtected);
    list.counters.hits_to_temporary += of(ChunkState::kTemporary);
    list.counters.touch_hits += touches;
    list.recent_hits += static_cast<uint32_t>(hits + touches);
    counters_.get_cmds += hits;
    counters_.touch_cmds += touches;
    counts = {};
  }
}

void Shard::CollectAllReads() {
  for (uint32_t i = 0; i < lists_.size(); ++i) {
    if (lists_[i].was_used) {
      CollectReads(i);
    }
  }
  for (ReadCounters& reads : environment_.read_counters) {
    ReadCounters::Counts& misses = reads.Misses(shard_index_);
    counters_.get_misses += misses[ReadCounters::kGets];
    counters_.get_cmds += misses[ReadCounters::kGets];
    counters_.touch_misses += misses[ReadCounters::kTouches];
    counters_.touch_cmds += misses[ReadCounters::kTouches];
    misses = {};
  }
}

void Shard::AddStats(EngineStats& stats, std::vector<ClassStats>& classes, Instant now) {
  CollectAllReads();
  for (uint32_t i = 0; i < lists_.size(); ++i) {
    const ItemList& list = lists_[i];
    ClassStats& sum = classes[i];
    if (environment_.classes.IsSlabClass(i)) {
      const SlabClass& slab_class = classes_[i];
      sum.total_pages += slab_class.pages;
      sum.used_chunks += slab_class.used_chunks;
    } else {
      sum.total_pages += list.value_pages;
      sum.used_chunks += list.value_pages;
    }
    sum.items += list.lru.size();
    sum.protected_items += list.lru.protected_count();
    sum.probation_items += list.lru.probation_count();
    sum.temporary_items += list.lru.temporary_count();
    sum.item_bytes += list.item_bytes;
    if (!list.lru.empty()) {
      sum.oldest_idle_sec =
          std::max<uint64_t>(sum.oldest_idle_sec, IdleSeconds(At(list.lru.tail(IsFlat())), now));
    }
    sum.last_evicted_idle_sec =
        std::max<uint64_t>(sum.last_evicted_idle_sec, list.last_evicted_idle_sec);
    if (const Handle tail = list.lru.protected_tail(); tail != kNoHandle) {
      sum.oldest_protected_idle_sec =
          std::max<uint64_t>(sum.oldest_protected_idle_sec, IdleSeconds(At(tail), now));
    }
    sum.counters += list.counters;
  }
  stats.counters += counters_;
  stats.index_bytes += uint64_t{index_.page_count()} * kPageBytes;
  stats.index_buckets += index_.bucket_count();
  stats.pinned_bytes += pinned_bytes_;
}

void Shard::ResetStats() {
  CollectAllReads();
  counters_ = {};
  for (ItemList& list : lists_) {
    list.counters = {};
    list.last_evicted_idle_sec = 0;
  }
}

}  // namespace quarry::core
