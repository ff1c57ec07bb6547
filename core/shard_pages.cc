// Pages on their way from one list to another: which list can best do without one, and how a page
// is emptied.

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/shard_inline.h"

namespace quarry::core {
namespace {

// A list looks whether another should give it a page when it has evicted about a page of items, but
// at least and at most so many.
constexpr uint64_t kMinRebalanceInterval = 2;
constexpr uint64_t kMaxRebalanceInterval = 64;
// A page moves where bytes are worth more by this factor, ...
constexpr double kMinGain = 1.5;
// ... which is known of a list once so many of its ghosts were met, ...
constexpr uint32_t kMinGhostHits = 8;
// ... and told by its ghosts if so many of its items were evicted of late.
constexpr uint32_t kMinRecentEvictions = 16;
// The share of evicted items that come back soon, where there is nothing to tell it from.
constexpr double kUsualReturn = 0.1;
// Where fewer come back than this, none do: one new key in some ten thousand is taken for a ghost.
constexpr double kLeastReturn = 1.0 / 512;
// Emptying a page moves no more items than this; it evicts the others.
constexpr uint32_t kMaxRescueSteps = 512;
// A page of a list is looked for among so many items at its end, of which each that is asked for
// its page stands for at least kItemsPerTry.
constexpr uint32_t kMaxAskedItems = 1024;
constexpr uint32_t kItemsPerTry = kMaxAskedItems / Shard::kLeastPassedItems;

}  // namespace

/// The chunks of a page that were ever handed out are those below this number.
uint32_t Shard::UsedChunkLimit(uint32_t page) const {
  if (IsHeadPage(page)) {
    return 2;  // a value, and its head
  }
  const uint32_t class_index = environment_.arena.info(page).class_index;
  const SlabClass& slab_class = classes_[class_index];
  return page == slab_class.fresh_page ? slab_class.fresh_next
                                       : environment_.classes.chunks_per_page(class_index);
}

bool Shard::CanEmptyPage(uint32_t page, Instant now) const {
  const uint32_t limit = UsedChunkLimit(page);
  for (uint32_t i = 0; i < limit; ++i) {
    const Handle chunk = MakeHandle(page, i);
    if (chunk_states_.IsFree(chunk)) {
      continue;
    }
    const Handle owner = chunk_states_.OwnerOf(chunk);
    if (!At(owner).is_linked() || IsPinned(owner) ||
        (!environment_.evict && !IsDead(At(owner), now))) {
      return false;
    }
  }
  return true;
}

bool Shard::EmptyPage(uint32_t page, Instant now, PageGrant& pages) {
  if (!CanEmptyPage(page, now)) {
    ++counters_.pages_busy;
    return false;
  }
  PageInfo& info = environment_.arena.info(page);
  const uint32_t class_index = info.class_index;
  SlabClass& slab_class = classes_[class_index];
  const uint32_t limit = UsedChunkLimit(page);
  draining_page_ = page;
  if (page == slab_class.fresh_page) {
    slab_class.fresh_page = 0;
  }
  for (uint32_t i = 0; i < limit; ++i) {
    const Handle chunk = MakeHandle(page, i);
    if (chunk_states_.IsFree(chunk)) {
      slab_class.free.Remove(environment_.arena, chunk);
    }
  }
  uint32_t steps = 0;
  for (uint32_t i = 0; i < limit; ++i) {
    const Handle chunk = MakeHandle(page, i);
    while (!chunk_states_.IsFree(chunk)) {
      if (++steps > kMaxRescueSteps || !IsWorthRescue(chunk_states_.OwnerOf(chunk), now)) {
        Evict(chunk_states_.OwnerOf(chunk), now, pages);
      } else {
        Rescue(chunk, now, pages);
      }
    }
  }
  draining_page_ = 0;
  --slab_class.pages;
  if (info.noted_empty) {
    std::erase(slab_class.empty_pages, page);
    --noted_page_count_;
  }
  ForgetExpiries(page);
  pages.Add(page);
  ++counters_.pages_moved;
  return true;
}

/// What has shown its worth, and what is more than this chunk; the others would be evicted soon
/// anyway, or expire.
bool Shard::IsWorthRescue(Handle handle, Instant now) const {
  const Item& item = At(handle);
  const bool is_of_use = item.state() == ChunkState::kProtected ||
                         (item.state() == ChunkState::kProbation && item.access_count > 0);
  return !IsDead(item, now) && (is_of_use || item.Has(kLargeFlag));
}

/// Moves what is in a chunk out of the draining page, into the room of the next victim of its class
/// if that leaves any. Otherwise, being in the page as well, it has at least made that emptier.
void Shard::Rescue(Handle chunk, Instant now, PageGrant& pages) {
  const Handle owner = chunk_states_.OwnerOf(chunk);
  const uint32_t class_index = environment_.arena.info(PageOf(chunk)).class_index;
  const SlabClass& slab_class = classes_[class_index];
  if (slab_class.free.empty() && slab_class.fresh_page == 0) {
    const Handle victim = ChooseVictim(lists_[class_index], now);
    Evict(victim != kNoHandle ? victim : owner, now, pages);
    if (slab_class.free.empty() || chunk_states_.IsFree(chunk)) {
      return;
    }
  }
  const Handle copy = TakeFreeChunk(class_index);
  std::memcpy(&At(copy), &At(chunk), environment_.classes.chunk_bytes(class_index));
  if (chunk != owner) {
    LargeValue& value = LargeAt(owner);
    *std::find(value.parts(), value.parts() + value.part_count, chunk) = copy;
    chunk_states_.SetOwner(copy, owner);
    ++counters_.parts_rescued;
  } else {
    const uint64_t hash = HashOf(At(chunk));
    index_.Replace(SlotOf(chunk, hash), copy);
    ListFor(chunk).lru.Relink(environment_.arena, copy);
    TellParts(copy);
    ++counters_.items_rescued;
    NoteExpiry(copy);
  }
  FreeChunk(chunk);
}

/// Lets the parts of a large item know where its head is now.
void Shard::TellParts(Handle head) {
  if (!At(head).Has(kLargeFlag)) {
    return;
  }
  const LargeValue& value = LargeAt(head);
  for (uint32_t i = 0; i < value.part_count; ++i) {
    chunk_states_.SetOwner(value.parts()[i], head);
  }
}

Donor Shard::TailOf(uint32_t list_index, Instant now) const {
  const SegmentedLru& lru = lists_[list_index].lru;
  Donor tail;
  tail.list_index = list_index;
  if (!lru.empty()) {
    const Handle last = lru.tail(IsFlat());
    Item& item = At(last);
    tail.found = true;
    tail.age_updates = (sequence_ - item.sequence()) & kSequenceMask;
    if (IsFlushed(item)) {
      tail.idle_sec = Donor::kUnused;
      return tail;
    }
    if (IsInLargeList(item)) {
      tail.large_turns = OldestLargeTurns();
    } else {
      tail.was_used = item.access_count > 0;
    }
    tail.idle_sec = IdleSeconds(item, now);
  }
  return tail;
}

Donor Shard::FindDonor(Instant now) {
  Donor best;
  if (!environment_.evict && !flushed_ && noted_page_count_ == 0) {
    return best;  // lest every store of a full memory goes through all lists
  }
  for (uint32_t i = 0; i < lists_.size(); ++i) {
    const Donor donor = DonorOf(i, now);
    if (donor.idle_sec == Donor::kUnused) {
      return donor;
    }
    if (donor.BetterThan(best)) {
      best = donor;
    }
  }
  return best;
}

Donor Shard::DonorOf(uint32_t list_index, Instant now) {
  if (environment_.classes.IsSlabClass(list_index) && FindEmptyPage(list_index) != 0) {
    return {.found = true, .list_index = list_index, .idle_sec = Donor::kUnused};
  }
  const bool has_victim = environment_.evict || ChooseVictim(lists_[list_index], now) != kNoHandle;
  return has_victim ? TailOf(list_index, now) : Donor();
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
    --noted_page_count_;
  }
  return 0;
}

bool Shard::TakeEmptyPage(Instant now, PageGrant& pages) {
  const uint32_t class_count = environment_.classes.slab_class_count();
  for (uint32_t i = 0; i < class_count && noted_page_count_ > 0 && pages.empty(); ++i) {
    if (FindEmptyPage(i) != 0) {
      EmptyPageOf(i, now, pages);
    }
  }
  return !pages.empty();
}

bool Shard::IsTimeToRebalance(uint32_t list_index) {
  const uint64_t items_per_page = kPageBytes / MeanItemBytes(list_index);
  ItemList& list = lists_[list_index];
  if (++list.evictions <
      std::clamp<uint64_t>(items_per_page, kMinRebalanceInterval, kMaxRebalanceInterval)) {
    return false;
  }
  list.evictions = 0;
  return true;
}

uint64_t Shard::MeanItemBytes(uint32_t list_index) const {
  if (list_index < environment_.classes.medium_list()) {
    return environment_.classes.chunk_bytes(list_index);
  }
  const ItemList& list = lists_[list_index];
  return list.lru.empty() ? kPageBytes : list.item_bytes / list.lru.size();
}

double Shard::ValueOfBytes(uint32_t list_index, const Donor& tail) const {
  const ItemList& list = lists_[list_index];
  const auto item_bytes = static_cast<double>(MeanItemBytes(list_index));
  if (list.recent_evictions >= kMinRecentEvictions) {
    const double returned = static_cast<double>(list.recent_ghost_hits) / list.recent_evictions;
    return returned < kLeastReturn ? 0 : returned / item_bytes;
  }
  if (tail.age_updates < index_.item_count()) {
    return kUsualReturn / item_bytes;
  }
  const double held_bytes = environment_.classes.IsSlabClass(list_index)
                                ? classes_[list_index].pages * double{kPageBytes}
                                : static_cast<double>(list.item_bytes);
  return list.recent_hits / held_bytes;
}

void Shard::Rebalance(uint32_t list_index, Instant now, PageGrant& pages) {
  CollectReads(list_index);
  const Donor own = TailOf(list_index, now);
  const bool is_known = lists_[list_index].recent_ghost_hits >= kMinGhostHits;
  double least_value = is_known ? ValueOfBytes(list_index, own) / kMinGain : 0;
  Donor best;
  for (uint32_t i = 0; i < lists_.size(); ++i) {
    const bool has_pages = environment_.classes.IsSlabClass(i);
    if (has_pages && FindEmptyPage(i) != 0) {
      EmptyPageOf(i, now, pages);
      return;
    }
    if (i == list_index || lists_[i].lru.empty()) {
      continue;
    }
    CollectReads(i);
    const Donor donor = TailOf(i, now);
    if (donor.idle_sec == Donor::kUnused) {
      EmptyPageOf(i, now, pages);
      return;
    }
    const bool is_idle = lists_[i].recent_hits == 0 && donor.TwiceAsOldAs(own);
    if (!is_idle && has_pages && classes_[i].pages == 1) {
      continue;  // its next item would have to take a page from somebody else again
    }
    const double value = ValueOfBytes(i, donor);
    if (value < least_value || (value == least_value && is_idle && donor.BetterThan(best))) {
      least_value = value;
      best = donor;
    }
  }
  if (best.found) {
    EmptyPageOf(best.list_index, now, pages);
  }
}

bool Shard::EmptyPageOf(uint32_t list_index, Instant now, PageGrant& pages) {
  if (environment_.classes.IsSlabClass(list_index)) {
    if (const uint32_t page = FindEmptyPage(list_index); page != 0) {
      return EmptyPage(page, now, pages);
    }
  }
  ItemList& list = lists_[list_index];
  for (uint32_t asked = 0; asked < kMaxAskedItems && !list.lru.empty();) {
    const Handle victim = ChooseVictim(list, now);
    if (victim == kNoHandle || EmptyPageOfItem(victim, now, pages)) {
      return victim != kNoHandle;
    }
    if (environment_.evict) {
      asked += std::max(PostponePage(PageOf(victim), list_index), kItemsPerTry);
    } else {
      Evict(victim, now, pages);  // it has ended, and others of its page have not
      asked += kItemsPerTry;
    }
  }
  return false;
}

uint32_t Shard::PostponePage(uint32_t page, uint32_t list_index) {
  const uint32_t limit = UsedChunkLimit(page);
  uint32_t count = 0;
  for (uint32_t i = 0; i < limit; ++i) {
    const Handle chunk = MakeHandle(page, i);
    if (chunk_states_.HoldsItem(chunk) && ListOf(At(chunk), chunk) == list_index) {
      Postpone(chunk);
      ++count;
    }
  }
  return count;
}

void Shard::AddEmptyPage(uint32_t class_index, uint32_t page) {
  AssignPage(class_index, page);
  // Into the list of free chunks, since the class may already have a page of unused ones.
  SlabClass& slab_class = classes_[class_index];
  for (uint32_t i = environment_.classes.chunks_per_page(class_index); i > 0; --i) {
    const Handle chunk = MakeHandle(page, i - 1);
    chunk_states_.MarkFree(chunk);
    slab_class.free.Push(environment_.arena, chunk);
  }
  environment_.arena.info(page).noted_empty = true;
  slab_class.empty_pages.push_back(page);
  ++noted_page_count_;
}

bool Shard::EmptyPageOfItem(Handle handle, Instant now, PageGrant& pages) {
  if (IsInLargeList(At(handle))) {
    Evict(handle, now, pages);
    return true;
  }
  if (EmptyPage(PageOf(handle), now, pages)) {
    return true;
  }
  if (!At(handle).Has(kLargeFlag)) {
    return false;
  }
  const LargeValue& value = LargeAt(handle);
  return std::any_of(value.parts(), value.parts() + value.part_count, [&](Handle part) {
    mutex_.AssertHeld();
    return EmptyPage(PageOf(part), now, pages);
  });
}

}  // namespace quarry::core
