// What a shard does to read an item.

#include <array>

#include "core/shard.h"

namespace quarry::core {
namespace {

/// Where a hit is counted, by the raw state of the item; ClassCounters::get_hits is their sum,
/// which AddStats makes.
constexpr std::array<uint64_t ClassCounters::*, 4> kHitsByState = {
    &ClassCounters::hits_to_probation,  // no item that can be found is in no queue
    &ClassCounters::hits_to_probation, &ClassCounters::hits_to_protected,
    &ClassCounters::hits_to_temporary};
static_assert(static_cast<size_t>(ChunkState::kProbation) == 1 &&
              static_cast<size_t>(ChunkState::kProtected) == 2 &&
              static_cast<size_t>(ChunkState::kTemporary) == 3);

}  // namespace

ItemView Shard::View(const Item& item) const {
  ItemView view;
  view.key = item.key();
  view.client_flags = item.client_flags();
  view.expiry = item.expiry();
  view.cas = environment_.cas_enabled ? item.cas() : 0;
  view.base64_key = item.Has(kBase64KeyFlag);
  view.stale = item.Has(kStaleFlag);
  view.large = item.Has(kLargeFlag);
  if (!view.large) {
    view.value = item.small_value();
    view.value_bytes = item.small_value_bytes;
  }
  return view;
}

void Shard::NoteAccess(Handle handle, Instant now) {
  Item& item = At(handle);
  // Nothing is written where nothing changes: the line of a hot item stays clean.
  if (IsInLargeList(handle)) {
    if (item.state() != ChunkState::kTemporary) {
      NoteLargeUse(handle);
    }
  } else if (IsFlat()) {
    ListFor(handle).lru.Renew(environment_.arena, handle);
  } else if (item.access_count < kMaxAccessCount) {
    item.access_count = (item.access_count + 1U) & kMaxAccessCount;
  }
  if (item.last_access != (now.floor_sec & kAccessTimeMask)) {
    item.last_access = now.floor_sec & kAccessTimeMask;
  }
  if (!item.Has(kFetchedFlag)) {
    item.Set(kFetchedFlag);
  }
}

void Shard::CountHit(const GetOptions& options, Handle handle) {
  ItemList& list = ListFor(handle);
  switch (options.count_as) {
    case CountAs::kGet:
      ++counters_.get_cmds;
      ++(list.counters.*kHitsByState[At(handle).raw_state]);
      ++list.recent_hits;
      break;
    case CountAs::kTouch:
      ++counters_.touch_cmds;
      ++list.counters.touch_hits;
      ++list.recent_hits;
      break;
    case CountAs::kNothing:
      break;
  }
}

void Shard::CountMiss(const GetOptions& options) {
  switch (options.count_as) {
    case CountAs::kGet:
      ++counters_.get_cmds;
      ++counters_.get_misses;
      break;
    case CountAs::kTouch:
      ++counters_.touch_cmds;
      ++counters_.touch_misses;
      break;
    case CountAs::kNothing:
      break;
  }
}

Win Shard::DecideWin(Item& item, const GetOptions& options, Instant now) {
  if (item.Has(kWonFlag)) {
    return Win::kAlreadyWon;
  }
  const Expiry expiry = item.expiry();
  const bool is_due =
      options.recache && expiry != kNever && expiry < now.floor_sec + uint64_t{options.recache_sec};
  if (!item.Has(kStaleFlag) && !is_due) {
    return Win::kNone;
  }
  item.Set(kWonFlag);
  return Win::kWon;
}

/// A value is sent unless the caller has it already.
bool Shard::WillPin(const Item& item, const GetOptions& options) const {
  const bool is_known = options.compare_cas && CasMatches(item, options.cas);
  return item.Has(kLargeFlag) && options.want_value && !is_known;
}

uint64_t Shard::BytesToPin(const Key& key, const GetOptions& options, Instant now) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (!slot || IsDead(At(slot.handle()), now) || !WillPin(At(slot.handle()), options)) {
    return 0;
  }
  const LargeValue& value = LargeAt(slot.handle());
  return value.pin_count == 0 ? value.value_bytes : 0;
}

std::optional<GetOutcome> Shard::Get(const Key& key, const GetOptions& options, Instant now,
                                     PageGrant& pages, Fetched& fetched, Handle& pinned) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (slot && IsDead(At(slot.handle()), now)) [[unlikely]] {
    if (options.count_as == CountAs::kGet) {
      ++(IsFlushed(At(slot.handle())) ? counters_.get_flushed : counters_.get_expired);
    }
    Remove(key.hash, slot, pages);
    return Get(key, options, now, pages, fetched, pinned);
  }
  if (!slot) {
    if (options.vivify) {
      return Vivify(key, options, now, pages, fetched);
    }
    CountMiss(options);
    return GetOutcome::kMiss;
  }

  Handle handle = slot.handle();
  fetched.expiry_before = At(handle).expiry();
  fetched.fetched_before = At(handle).Has(kFetchedFlag);
  fetched.idle_sec = IdleSeconds(At(handle), now);
  if (options.touch) {
    const auto touched = SetExpiry(key, slot, options.expiry, now, pages);
    if (!touched) {
      return std::nullopt;
    }
    handle = *touched;
  }
  Item& item = At(handle);
  fetched.win = options.may_win ? DecideWin(item, options, now) : Win::kNone;
  if (options.bump) {
    NoteAccess(handle, now);
  }
  CountHit(options, handle);
  fetched.item = View(item);
  fetched.item.class_id = ListOf(handle) + 1;
  fetched.item.item_bytes = ItemBytesOf(handle);
  if (fetched.item.large) {
    fetched.item.value_bytes = LargeAt(handle).value_bytes;
    pinned = WillPin(item, options) ? Pinned(handle) : kNoHandle;
  }
  return GetOutcome::kHit;
}

std::optional<GetOutcome> Shard::Vivify(const Key& key, const GetOptions& options, Instant now,
                                        PageGrant& pages, Fetched& fetched) {
  ItemContent content;
  content.expiry = options.vivify_expiry;
  content.client_cas = options.vivify_cas;
  content.marks = kWonFlag | (options.base64_key ? uint32_t{kBase64KeyFlag} : 0U);
  content.sequence = NextSequence();
  const auto handle = Write(key, {}, content, now, pages);
  if (!handle) {
    return std::nullopt;
  }
  CountHit(options, *handle);
  fetched.item = View(At(*handle));
  fetched.item.class_id = ListOf(*handle) + 1;
  fetched.item.item_bytes = ItemBytesOf(*handle);
  fetched.expiry_before = options.vivify_expiry;
  fetched.win = Win::kWon;
  fetched.vivified = true;
  return GetOutcome::kHit;
}

std::optional<Handle> Shard::SetExpiry(const Key& key, Index::Slot slot, Expiry expiry, Instant now,
                                       PageGrant& pages) {
  Item& item = At(slot.handle());
  if (item.Has(kExpiryWordFlag)) {
    item.set_expiry(expiry);
    NoteExpiry(slot.handle());
    return slot.handle();
  }
  if (expiry == kNever) {
    return slot.handle();
  }
  ValueCopy copy;
  ItemContent content = Copy(item, copy.data());
  content.expiry = expiry;
  return Write(key, slot, content, now, pages);
}

}  // namespace quarry::core
