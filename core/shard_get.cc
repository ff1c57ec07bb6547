// What a shard does to read an item.

#include "core/shard_inline.h"

namespace quarry::core {

Win Shard::DecideWin(Item& item, const GetOptions& options, Expiry expiry_before, Instant now) {
  if (item.Has(kWonFlag)) {
    return Win::kAlreadyWon;
  }
  const Expiry expiry = options.touch_first ? item.expiry() : expiry_before;
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
                                     PageGrant& pages, ReadCounters& reads, Hit& hit) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (!slot) {
    if (options.vivify) {
      return Vivify(key, options, now, pages, reads, hit.fetched);
    }
    reads.CountMiss(options.count_as, shard_index_);
    return GetOutcome::kMiss;
  }
  Handle handle = slot.handle();
  Item* found = &At(handle);
  if (IsDead(*found, now)) [[unlikely]] {
    ++(IsFlushed(*found) ? counters_.get_flushed : counters_.get_expired);
    Remove(key.hash, slot, pages);
    return Get(key, options, now, pages, reads, hit);
  }
  Fetched& fetched = hit.fetched;
  fetched.expiry_before = found->expiry();
  fetched.fetched_before = found->Has(kFetchedFlag);
  fetched.idle_sec = IdleSeconds(*found, now);
  if (options.touch) {
    const auto touched = SetExpiry(key, slot, options.expiry, now, pages);
    if (!touched) {
      return std::nullopt;
    }
    handle = *touched;
    found = &At(handle);
  }
  Item& item = *found;
  fetched.win = options.may_win ? DecideWin(item, options, fetched.expiry_before, now) : Win::kNone;
  if (options.bump) {
    NoteAccess(item, handle, now);
  }
  const uint32_t list_index = ListOf(item, handle);
  reads.CountHit(options.count_as, shard_index_, list_index, item.raw_state);
  Show(item, list_index, fetched.item);
  if (fetched.item.large) {
    hit.pinned = WillPin(item, options) ? Pinned(handle) : kNoHandle;
  }
  return GetOutcome::kHit;
}

std::optional<GetOutcome> Shard::Vivify(const Key& key, const GetOptions& options, Instant now,
                                        PageGrant& pages, ReadCounters& reads, Fetched& fetched) {
  ItemContent content;
  content.expiry = options.vivify_expiry;
  content.client_cas = options.vivify_cas;
  content.marks = kWonFlag | (options.bump ? uint32_t{kFetchedFlag} : 0U) |
                  (options.base64_key ? uint32_t{kBase64KeyFlag} : 0U);
  content.sequence = NextSequence();
  const auto handle = Write(key, {}, content, now, pages);
  if (!handle) {
    return std::nullopt;
  }
  ++counters_.total_items;
  Item& item = At(*handle);
  const uint32_t list_index = ListOf(item, *handle);
  reads.CountHit(options.count_as, shard_index_, list_index, item.raw_state);
  Show(item, list_index, fetched.item);
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
