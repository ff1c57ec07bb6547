#pragma once

// What a shard does for nearly every request, to be compiled into its callers.

#include <array>

#include "core/shard.h"

namespace quarry::core {

/// Where a hit is counted, by the raw state of the item; ClassCounters::get_hits is their sum,
/// which AddStats makes.
inline constexpr std::array<uint64_t ClassCounters::*, 4> kHitsByState = {
    &ClassCounters::hits_to_probation,  // no item that can be found is in no queue
    &ClassCounters::hits_to_probation, &ClassCounters::hits_to_protected,
    &ClassCounters::hits_to_temporary};
static_assert(static_cast<size_t>(ChunkState::kProbation) == 1 &&
              static_cast<size_t>(ChunkState::kProtected) == 2 &&
              static_cast<size_t>(ChunkState::kTemporary) == 3);

inline Index::Slot Shard::Find(const Key& key) const {
  return index_.Find(key.hash,
                     [this, &key](Handle handle) { return At(handle).key() == key.bytes; });
}

inline bool Shard::IsFlushed(const Item& item) const {
  // Ages in updates, so that the comparison survives the wrap of the 40 bits.
  return flushed_ && ((sequence_ - item.sequence()) & kSequenceMask) >=
                         ((sequence_ - flush_mark_) & kSequenceMask);
}

inline uint32_t Shard::ListOf(Item& item, Handle handle) const {
  if (!item.Has(kLargeFlag)) [[likely]] {
    return environment_.arena.info(PageOf(handle)).class_index;
  }
  return IsInLargeList(item) ? environment_.classes.large_list()
                             : environment_.classes.medium_list();
}

inline void Shard::Show(Item& item, uint32_t list_index, ItemView& view) const {
  view.key = item.key();
  view.cas = item.sequence();
  if ((item.flags & kAllWordFlags) != 0) {
    view.client_flags = item.client_flags();
    view.expiry = item.expiry();
    view.cas = item.cas();
  }
  if (!environment_.cas_enabled) {
    view.cas = 0;
  }
  view.base64_key = item.Has(kBase64KeyFlag);
  view.stale = item.Has(kStaleFlag);
  view.large = item.Has(kLargeFlag);
  view.class_id = list_index + 1;
  if (view.large) {
    view.value_bytes = LargeValueOf(&item)->value_bytes;
  } else {
    view.value = item.small_value();
    view.value_bytes = item.small_value_bytes;
  }
}

inline void Shard::NoteAccess(Item& item, Handle handle, Instant now) {
  // Nothing is written where nothing changes: the line of a hot item stays clean.
  if (IsInLargeList(item)) {
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

inline void Shard::CountHit(CountAs count_as, const Item& item, ItemList& list) {
  switch (count_as) {
    case CountAs::kGet:
      ++counters_.get_cmds;
      ++(list.counters.*kHitsByState[item.raw_state]);
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

inline void Shard::CountMiss(CountAs count_as) {
  switch (count_as) {
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

template <typename Visitor>
std::optional<GetOutcome> Shard::GetSmall(const Key& key, Instant now, Visitor&& visit) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (!slot) {
    CountMiss(CountAs::kGet);
    return GetOutcome::kMiss;
  }
  const Handle handle = slot.handle();
  Item& item = At(handle);
  if (item.Has(kLargeFlag) || IsDead(item, now)) [[unlikely]] {
    return std::nullopt;
  }
  NoteAccess(item, handle, now);
  CountHit(CountAs::kGet, item, lists_[ListOf(item, handle)]);
  visit(SmallHit{.value = item.small_value(),
                 .client_flags = item.client_flags(),
                 .cas = environment_.cas_enabled ? item.cas() : 0});
  return GetOutcome::kHit;
}

}  // namespace quarry::core
