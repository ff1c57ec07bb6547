#pragma once

// What a shard does for nearly every request, to be compiled into its callers.

#include "core/shard.h"

namespace quarry::core {

inline Index::Slot Shard::Find(const Key& key) const {
  return index_.Find(key.hash, key.likely_slot,
                     [this, &key](Handle handle) { return At(handle).HasKey(key.bytes); });
}

inline bool Shard::IsFlushed(const Item& item) const {
  // Ages in updates, so that the comparison survives the wrap of the 40 bits.
  return flushed_ && ((sequence_ - item.sequence()) & kSequenceMask) >=
                         ((sequence_ - flush_mark_) & kSequenceMask);
}

inline Index::Slot Shard::FindLive(const Key& key, Instant now, PageGrant& pages) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (slot && IsDead(At(slot.handle()), now)) [[unlikely]] {
    ++(IsFlushed(At(slot.handle())) ? counters_.get_flushed : counters_.get_expired);
    Remove(key.hash, slot, pages);
    return {};
  }
  return slot;
}

inline uint64_t Shard::NextSequence() {
  sequence_ = (sequence_ + 1) & kSequenceMask;
  if (sequence_ == 0) {
    sequence_ = 1;  // 0 is what clients send to mean "no CAS"
  }
  return sequence_;
}

/// Where nothing is evicted every item has an expiry's word: else a touch could find no room for
/// it.
inline uint32_t Shard::FlagsOf(const ItemContent& content) const {
  return content.marks | (environment_.evict ? 0U : kExpiryWordFlag) |
         (content.expiry != kNever ? kExpiryWordFlag : 0U) |
         (content.client_flags != 0 ? kClientFlagsWordFlag : 0U) |
         (content.client_cas != 0 ? kCasWordFlag : 0U);
}

inline uint32_t Shard::ClassOf(const Key& key, uint32_t flags, uint64_t value_bytes) const {
  return environment_.classes.ClassFor(SmallItemBytes(flags, key.bytes.size(), value_bytes));
}

inline bool Shard::IsInLargeList(Item& item) {
  return item.Has(kLargeFlag) && LargeValueOf(&item)->page_count() > 0;
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

// An access but for the mark of a fetch. Of a plain get's instructions a call would take some 20.
[[gnu::always_inline]] inline void Shard::NoteUse(Item& item, Handle handle, Instant now) {
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
}

[[gnu::always_inline]] inline void Shard::NoteAccess(Item& item, Handle handle, Instant now) {
  NoteUse(item, handle, now);
  if (!item.Has(kFetchedFlag)) {
    item.Set(kFetchedFlag);
  }
}

template <uint32_t kOtherFlags, typename Visitor>
std::optional<GetOutcome> Shard::GetSmall(const Key& key, Instant now, ReadCounters& reads,
                                          Visitor&& visit) {
  ApplyDueFlush(now);
  Handle handle = kNoHandle;
  Item* found = nullptr;
  const auto matches = [&](Handle candidate) {
    handle = candidate;
    found = &At(candidate);
    return found->HasKey(key.bytes);
  };
  if (!index_.Find(key.hash, key.likely_slot, matches)) {
    reads.CountMiss(CountAs::kGet, shard_index_);
    return GetOutcome::kMiss;
  }
  Item& item = *found;
  if ((item.flags & (kLargeFlag | kOtherFlags)) != 0 || IsDead(item, now)) [[unlikely]] {
    return std::nullopt;
  }
  if (IsFlat() || !item.IsMarkedRead(now)) {
    NoteAccess(item, handle, now);
  }
  reads.CountHit(CountAs::kGet, shard_index_, environment_.arena.info(PageOf(handle)).class_index,
                 item.raw_state);
  visit(SmallHit(item, environment_.cas_enabled));
  return GetOutcome::kHit;
}

}  // namespace quarry::core
