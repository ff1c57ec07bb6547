// The memory of a shard: chunks, eviction, and the emptying of pages.

#include <algorithm>

#include "core/base/check.h"
#include "core/shard.h"

namespace quarry::core {
namespace {

// An eviction passes no more items than this before it takes the last one as it is.
constexpr int kMaxPassed = 64;
// A store evicts no more items of its own list than this before it asks for a page.
constexpr int kMaxEvictions = 4;
// A list looks whether another should give it a page when it has evicted about a page of items, but
// at least and at most so many.
constexpr uint32_t kMinRebalanceInterval = 8;
constexpr uint32_t kMaxRebalanceInterval = 64;
// How many items from the end of a list are asked for their page before another list is.
constexpr int kMaxTailPages = 8;

}  // namespace

void Shard::Remove(uint64_t hash, Index::Slot slot, PageGrant& pages) {
  const Handle handle = slot.handle();
  index_.Erase(hash, slot);
  Release(handle, pages);
}

void Shard::Release(Handle handle, PageGrant& pages) {
  ItemList& list = ListFor(handle);
  list.lru.Remove(environment_.arena, handle);
  list.item_bytes -= ItemBytesOf(handle);
  Item& item = At(handle);
  if (!item.Has(kLargeFlag)) {
    FreeChunk(handle);
  } else if (LargeAt(handle).pin_count == 0) {
    FreeLarge(handle, pages);
  } else {
    item.set_state(ChunkState::kDetached);  // its last reader frees it
  }
  if (&list == &lists_.back()) {
    PublishLargeTail();
  }
}

Handle Shard::AllocateChunk(uint32_t class_index, uint32_t list_index, Instant now,
                            PageGrant& pages) {
  SlabClass& slab_class = classes_[class_index];
  Handle handle = kNoHandle;
  for (int evictions = 0; slab_class.free.empty(); ++evictions) {
    if (slab_class.fresh_page == 0) {
      if (const uint32_t page = pages.Take(); page != 0) {
        AddPage(class_index, page);
      }
    }
    if (slab_class.fresh_page != 0) {
      handle = MakeHandle(slab_class.fresh_page, slab_class.fresh_next++);
      if (slab_class.fresh_next == environment_.classes.chunks_per_page(class_index)) {
        slab_class.fresh_page = 0;
      }
      break;
    }
    // A large item is too much to give up for a chunk: that takes a page, from the best donor.
    if (list_index == environment_.classes.large_list() || evictions == kMaxEvictions) {
      return kNoHandle;
    }
    if (IsTimeToRebalance(list_index)) {
      Rebalance(list_index, now, pages);
    } else if (!EvictFrom(list_index, now, pages)) {
      return kNoHandle;
    }
  }
  if (handle == kNoHandle) {
    handle = slab_class.free.head();
    slab_class.free.Remove(environment_.arena, handle);
  }
  ++slab_class.used_chunks;
  ++environment_.arena.info(PageOf(handle)).used_chunks;
  At(handle).set_state(ChunkState::kDetached);
  return handle;
}

void Shard::AddPage(uint32_t class_index, uint32_t page) {
  PageInfo& info = environment_.arena.info(page);
  info.kind = PageKind::kChunks;
  info.class_index = static_cast<uint8_t>(class_index);
  info.shard_index = shard_index_;
  info.used_chunks = 0;
  info.noted_empty = false;
  info.chunk_bytes.store(environment_.classes.chunk_bytes(class_index), std::memory_order_relaxed);
  SlabClass& slab_class = classes_[class_index];
  slab_class.fresh_page = page;
  slab_class.fresh_next = 0;
  ++slab_class.pages;
}

void Shard::FreeChunk(Handle handle) {
  const uint32_t page = PageOf(handle);
  PageInfo& info = environment_.arena.info(page);
  SlabClass& slab_class = classes_[info.class_index];
  At(handle).set_state(ChunkState::kFree);
  slab_class.free.PushFront(environment_.arena, handle);
  --slab_class.used_chunks;
  if (--info.used_chunks == 0 && !info.noted_empty) {
    info.noted_empty = true;
    slab_class.empty_pages.push_back(page);
  }
}

bool Shard::IsPinned(Handle handle) const {
  return At(handle).Has(kLargeFlag) && LargeAt(handle).pin_count > 0;
}

bool Shard::EvictFrom(uint32_t list_index, Instant now, PageGrant& pages) {
  ItemList& list = lists_[list_index];
  const Handle victim = environment_.evict ? ChooseVictim(list, now) : kNoHandle;
  if (victim == kNoHandle) {
    return false;
  }
  Evict(victim, now, pages);
  ++list.counters.direct_reclaims;
  return true;
}

Handle Shard::ChooseVictim(ItemList& list, Instant now) {
  const bool flat = IsFlat();
  for (int passed = 0; passed <= kMaxPassed && !list.lru.empty(); ++passed) {
    const Handle tail = list.lru.tail(flat);
    if (IsPinned(tail)) {
      list.lru.MoveToFront(environment_.arena, tail);
      continue;
    }
    if (flat || passed == kMaxPassed || IsDead(At(tail), now)) {
      return tail;
    }
    switch (list.lru.Pass(environment_.arena, tail)) {
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
    }
  }
  return kNoHandle;
}

void Shard::Evict(Handle handle, Instant now, PageGrant& pages) {
  const Item& item = At(handle);
  const uint32_t list_index = ListOf(handle);
  ItemList& list = lists_[list_index];
  ClassCounters& counters = list.counters;
  const uint64_t hash = HashOf(item);
  const Index::Slot slot = SlotOf(handle, hash);
  if (IsDead(item, now)) {
    ++counters.reclaimed;
    counters.expired_unfetched += item.Has(kFetchedFlag) ? 0U : 1U;
    index_.Erase(hash, slot);
  } else {
    ++counters.evicted;
    counters.evicted_nonzero += item.expiry() != kNever ? 1U : 0U;
    counters.evicted_unfetched += item.Has(kFetchedFlag) ? 0U : 1U;
    counters.evicted_active += item.access_count > 0 ? 1U : 0U;
    list.last_evicted_idle_sec = IdleSeconds(item, now);
    index_.Bury(hash, slot, {.list_index = list_index, .epoch = ghost_epoch_.value()});
    if (++epoch_evictions_ > index_.item_count() / (GhostEpoch::kCount - 1)) {
      epoch_evictions_ = 0;
      ghost_epoch_.Advance();
    }
  }
  Release(handle, pages);
}

Handle Shard::OwnerOf(Handle chunk) const {
  const Item& item = At(chunk);
  const bool is_part = item.state() == ChunkState::kDetached && item.key_bytes == 0;
  return is_part ? item.next : chunk;
}

/// The chunks of a page that were ever handed out are those below this number.
uint32_t Shard::UsedChunkLimit(uint32_t page) const {
  const uint32_t class_index = environment_.arena.info(page).class_index;
  const SlabClass& slab_class = classes_[class_index];
  return page == slab_class.fresh_page ? slab_class.fresh_next
                                       : environment_.classes.chunks_per_page(class_index);
}

bool Shard::CanEmptyPage(uint32_t page) const {
  const uint32_t limit = UsedChunkLimit(page);
  for (uint32_t i = 0; i < limit; ++i) {
    const Handle chunk = MakeHandle(page, i);
    if (At(chunk).state() == ChunkState::kFree) {
      continue;
    }
    const Handle owner = OwnerOf(chunk);
    if (!environment_.evict || !At(owner).is_linked() || IsPinned(owner)) {
      return false;
    }
  }
  return true;
}

bool Shard::EmptyPage(uint32_t page, Instant now, PageGrant& pages) {
  if (!CanEmptyPage(page)) {
    return false;
  }
  SlabClass& slab_class = classes_[environment_.arena.info(page).class_index];
  const uint32_t limit = UsedChunkLimit(page);
  for (uint32_t i = 0; i < limit; ++i) {
    const Handle chunk = MakeHandle(page, i);
    if (At(chunk).state() != ChunkState::kFree) {
      Evict(OwnerOf(chunk), now, pages);
    }
  }
  for (uint32_t i = 0; i < limit; ++i) {
    slab_class.free.Remove(environment_.arena, MakeHandle(page, i));
  }
  if (page == slab_class.fresh_page) {
    slab_class.fresh_page = 0;
  }
  --slab_class.pages;
  PageInfo& info = environment_.arena.info(page);
  if (info.noted_empty) {
    std::erase(slab_class.empty_pages, page);
  }
  info.kind = PageKind::kFree;
  pages.Add(page);
  ++counters_.pages_moved;
  return true;
}

Shard::Donor Shard::TailOf(uint32_t list_index, Instant now) const {
  const SegmentedLru& lru = lists_[list_index].lru;
  Donor tail;
  tail.list_index = list_index;
  if (!lru.empty()) {
    const Handle last = lru.tail(IsFlat());
    const Item& item = At(last);
    tail.found = true;
    if (IsInLargeList(last)) {
      tail.large_turns = OldestLargeTurns();
    } else {
      tail.was_read = item.access_count > 0;
    }
    tail.idle_sec = IdleSeconds(item, now);
    tail.age_updates = (sequence_ - item.sequence()) & kSequenceMask;
  }
  return tail;
}

Shard::Donor Shard::FindDonor(Instant now) {
  Donor best;
  for (uint32_t i = 0; i < lists_.size(); ++i) {
    if (environment_.classes.IsSlabClass(i) && FindEmptyPage(i) != 0) {
      return {.found = true, .list_index = i, .idle_sec = Donor::kUnused};
    }
    const Donor donor = environment_.evict ? TailOf(i, now) : Donor();
    if (donor.BetterThan(best)) {
      best = donor;
    }
  }
  return best;
}

uint32_t Shard::FindEmptyPage(uint32_t class_index) {
  std::vector<uint32_t>& empty_pages = classes_[class_index].empty_pages;
  while (!empty_pages.empty()) {
    const uint32_t page = empty_pages.back();
    PageInfo& info = environment_.arena.info(page);
    if (info.used_chunks == 0) {
      return page;
    }
    info.noted_empty = false;
    empty_pages.pop_back();
  }
  return 0;
}

bool Shard::IsTimeToRebalance(uint32_t list_index) {
  const uint32_t items_per_page =
      environment_.classes.IsSlabClass(list_index)
          ? environment_.classes.chunks_per_page(list_index)
          : static_cast<uint32_t>(kPageBytes) /
                environment_.classes.composed(list_index).capacity_bytes;
  ItemList& list = lists_[list_index];
  if (++list.evictions < std::clamp(items_per_page, kMinRebalanceInterval, kMaxRebalanceInterval)) {
    return false;
  }
  list.evictions = 0;
  return true;
}

void Shard::Rebalance(uint32_t list_index, Instant now, PageGrant& pages) {
  const Donor own = TailOf(list_index, now);
  const Donor donor = FindDonor(now);
  if (donor.found && donor.list_index != list_index && donor.TwiceAsOldAs(own)) {
    EmptyPageOf(donor.list_index, now, pages);
  }
}

bool Shard::EmptyPageOf(uint32_t list_index, Instant now, PageGrant& pages) {
  if (environment_.classes.IsSlabClass(list_index)) {
    if (const uint32_t page = FindEmptyPage(list_index); page != 0) {
      return EmptyPage(page, now, pages);
    }
  }
  ItemList& list = lists_[list_index];
  if (!environment_.evict) {
    return false;
  }
  const bool is_large = list_index == environment_.classes.large_list();
  for (int tries = 0; tries < kMaxTailPages && !list.lru.empty(); ++tries) {
    const Handle victim = is_large ? list.lru.tail(IsFlat()) : ChooseVictim(list, now);
    if (victim == kNoHandle || EmptyPageOfItem(victim, now, pages)) {
      return victim != kNoHandle;
    }
    if (is_large) {
      NoteLargeUse(victim);
    } else {
      list.lru.MoveToFront(environment_.arena, victim);
    }
  }
  return false;
}

bool Shard::EmptyPageOfItem(Handle handle, Instant now, PageGrant& pages) {
  if (!At(handle).Has(kLargeFlag)) {
    return EmptyPage(PageOf(handle), now, pages);
  }
  if (ListOf(handle) != environment_.classes.large_list()) {
    return EmptyPage(PageOf(LargeAt(handle).segments[0].handle), now, pages);
  }
  if (IsPinned(handle)) {
    return false;
  }
  Evict(handle, now, pages);
  return true;
}

}  // namespace quarry::core
