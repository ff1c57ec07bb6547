// The memory of a shard: its chunks, and eviction.

#include <algorithm>

#include "core/base/check.h"
#include "core/eviction_observer.h"
#include "core/shard_inline.h"

namespace quarry::core {
namespace {

// An eviction passes no more items than this before it takes the last one as it is.
constexpr int kMaxPassed = 64;
// A store evicts no more items of its own list than this before it asks for a page.
constexpr int kMaxEvictions = 4;

static_assert(kMaxSmallValueBytes < kFreeChunkMark);

}  // namespace

void Shard::Remove(uint64_t hash, Index::Slot slot, PageGrant& pages) {
  const Handle handle = slot.handle();
  index_.Erase(hash, slot);
  Release(handle, pages);
  index_.ShrinkIfSparse(pages);
}

void Shard::Release(Handle handle, PageGrant& pages) {
  ItemList& list = ListFor(handle);
  list.lru.Remove(environment_.arena, handle);
  list.item_bytes -= ItemBytesOf(handle);
  Item& item = At(handle);
  if (!item.Has(kLargeFlag)) {
    FreeChunk(handle);
  } else {
    list.value_pages -= LargeAt(handle).page_count();
    if (LargeAt(handle).pin_count == 0) {
      FreeLarge(handle, pages);
    } else {
      item.set_state(ChunkState::kDetached);  // its last reader frees it
    }
  }
  if (&list == &lists_.back()) {
    PublishLargeTail();
  }
}

Handle Shard::AllocateChunk(uint32_t class_index, Instant now, PageGrant& pages,
                            bool may_rebalance) {
  SlabClass& slab_class = classes_[class_index];
  for (int evictions = 0; slab_class.free.empty() && slab_class.fresh_page == 0; ++evictions) {
    if (const uint32_t page = pages.Take(); page != 0) {
      AddPage(class_index, page);
      break;
    }
    if (evictions == kMaxEvictions || pages.pool_has_pages()) {
      return kNoHandle;
    }
    if (evictions == 0 && MakeRoomFromDue(class_index, now, pages)) {
      continue;
    }
    // Items that will soon expire make room for each other, and take no page from others for it.
    const bool rebalances = may_rebalance &&
                            environment_.rebalancing.load(std::memory_order_relaxed) &&
                            !lists_[class_index].lru.temporary_is_full();
    if (rebalances && IsTimeToRebalance(class_index)) {
      Rebalance(class_index, now, pages);
    } else if (!EvictFrom(class_index, now, pages)) {
      return kNoHandle;
    }
  }
  return TakeFreeChunk(class_index);
}

Handle Shard::TakeFreeChunk(uint32_t class_index) {
  SlabClass& slab_class = classes_[class_index];
  Handle handle = kNoHandle;
  if (!slab_class.free.empty()) {
    handle = slab_class.free.Pop(environment_.arena);
  } else {
    handle = MakeHandle(slab_class.fresh_page, slab_class.fresh_next++);
    if (slab_class.fresh_next == environment_.classes.chunks_per_page(class_index)) {
      slab_class.fresh_page = 0;
    }
  }
  ++slab_class.used_chunks;
  ++environment_.arena.info(PageOf(handle)).used_chunks;
  chunk_states_.MarkDetached(handle);
  return handle;
}

void Shard::AddPage(uint32_t class_index, uint32_t page) {
  AssignPage(class_index, page);
  SlabClass& slab_class = classes_[class_index];
  slab_class.fresh_page = page;
  slab_class.fresh_next = 0;
}

void Shard::AssignPage(uint32_t class_index, uint32_t page) {
  PageInfo& info = environment_.arena.info(page);
  info.class_index = static_cast<uint8_t>(class_index);
  info.used_chunks = 0;
  info.noted_empty = false;
  info.chunk_bytes.store(environment_.classes.chunk_bytes(class_index), std::memory_order_relaxed);
  ++classes_[class_index].pages;
}

void Shard::FreeChunk(Handle handle) {
  const uint32_t page = PageOf(handle);
  PageInfo& info = environment_.arena.info(page);
  SlabClass& slab_class = classes_[info.class_index];
  chunk_states_.MarkFree(handle);
  --slab_class.used_chunks;
  --info.used_chunks;
  if (page == draining_page_) {
    return;
  }
  slab_class.free.Push(environment_.arena, handle);
  if (info.used_chunks == 0 && !info.noted_empty) {
    info.noted_empty = true;
    slab_class.empty_pages.push_back(page);
    ++noted_page_count_;
  }
}

bool Shard::IsPinned(Handle handle) const {
  return At(handle).Has(kLargeFlag) && LargeAt(handle).pin_count > 0;
}

bool Shard::EvictFrom(uint32_t list_index, Instant now, PageGrant& pages) {
  ItemList& list = lists_[list_index];
  const Handle victim = ChooseVictim(list, now);
  if (victim == kNoHandle) {
    return false;
  }
  Evict(victim, now, pages);
  ++list.counters.direct_reclaims;
  return true;
}

Handle Shard::ChooseVictim(ItemList& list, Instant now) {
  const bool flat = IsFlat();
  if (!environment_.evict) {
    const Handle tail = list.lru.tail(flat);  // kNoHandle of an empty list
    return tail != kNoHandle && IsDead(At(tail), now) && !IsPinned(tail) ? tail : kNoHandle;
  }
  for (int passed = 0; passed <= kMaxPassed && !list.lru.empty(); ++passed) {
    const Handle tail = NextInTurn(list, now);
    if (IsPinned(tail)) {
      Postpone(tail);
      continue;
    }
    if (flat || passed == kMaxPassed || IsDead(At(tail), now)) {
      return tail;
    }
    switch (list.lru.Pass(environment_.arena, tail, IsTemporary(At(tail), now))) {
      case SegmentedLru::Move::kNone:
        return tail;
      case SegmentedLru::Move::kWithinQueue:
        ++list.counters.moves_within_lru;
        break;
      case SegmentedLru::Move::kToProtected:
        ++list.counters.moves_to_protected;
        break;
      case SegmentedLru::Move::kToProbation:
        ++list.counters.moves_to_probation;
        break;
      case SegmentedLru::Move::kToTemporary:
        break;
    }
  }
  return kNoHandle;
}

Handle Shard::NextInTurn(const ItemList& list, Instant now) const {
  // Where the oldest temporary item has expired, nobody loses anything; where it was touched and is
  // none any more, those behind it have waited for that.
  const Handle temporary = list.lru.temporary_tail();
  const bool is_due = temporary != kNoHandle && !IsPinned(temporary) &&
                      (IsDead(At(temporary), now) || !IsTemporary(At(temporary), now));
  return is_due ? temporary : list.lru.tail(IsFlat());
}

void Shard::Postpone(Handle handle) {
  // Those of the large list that are not temporary are all in one queue, in the order of use.
  const bool is_in_large_list = IsInLargeList(At(handle));
  if (!is_in_large_list || At(handle).state() == ChunkState::kTemporary) {
    ListFor(handle).lru.Postpone(environment_.arena, handle);
  }
  if (is_in_large_list) {
    NoteLargeUse(handle);
  }
}

void Shard::Evict(Handle handle, Instant now, PageGrant& pages) {
  const Item& item = At(handle);
  if (IsDead(item, now)) {
    Reclaim(handle, Reclaimer::kStore, pages);
    return;
  }
  if (EvictionObserver* observer = environment_.eviction_observer;
      observer != nullptr && observer->wanted()) {
    const uint32_t ttl_sec = item.expiry() - std::min(item.expiry(), now.floor_sec);
    observer->OnEviction(ListingOf(handle, now), ttl_sec);
  }
  const uint32_t list_index = ListOf(handle);
  ItemList& list = lists_[list_index];
  ClassCounters& counters = list.counters;
  ++counters.evicted;
  counters.evicted_nonzero += item.expiry() != kNever ? 1U : 0U;
  counters.evicted_unfetched += item.Has(kFetchedFlag) ? 0U : 1U;
  counters.evicted_active += item.access_count > 0 ? 1U : 0U;
  list.last_evicted_idle_sec = IdleSeconds(item, now);
  const uint64_t hash = HashOf(item);
  if (item.state() == ChunkState::kTemporary) {
    index_.Erase(hash, SlotOf(handle, hash));  // had it lived on, it would have brought little
  } else {
    ++list.recent_evictions;
    index_.Bury(hash, SlotOf(handle, hash),
                {.list_index = list_index, .epoch = ghost_epoch_.value()});
    CountToNextEpoch();
  }
  Release(handle, pages);
  index_.ShrinkIfSparse(pages);
}

void Shard::CountToNextEpoch() {
  if (++epoch_evictions_ <= index_.item_count() / (GhostEpoch::kCount - 1)) {
    return;
  }
  epoch_evictions_ = 0;
  ghost_epoch_.Advance();
  CollectAllReads();
  for (ItemList& list : lists_) {
    list.Fade();
  }
}

}  // namespace quarry::core
