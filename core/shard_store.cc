// What a shard does to store a small item, and what all stores share.

#include <algorithm>

#include "core/shard_inline.h"

namespace quarry::core {

[[gnu::always_inline]] inline void Shard::Fill(Item& item, const Key& key,
                                               const ItemContent& content, uint32_t flags,
                                               Instant now) {
  item.set_sequence(content.sequence);
  item.key_bytes = static_cast<uint32_t>(key.bytes.size()) & 0xffU;
  item.small_value_bytes = static_cast<uint32_t>(content.value.size()) & 0x3fffU;
  item.last_access = now.floor_sec & kAccessTimeMask;
  item.flags = flags & 0xffU;
  if ((flags & kExpiryWordFlag) != 0) {
    item.set_expiry(content.expiry);
  }
  if (content.client_flags != 0) {
    item.set_client_flags(content.client_flags);
  }
  if (content.client_cas != 0) {
    item.set_client_cas(content.client_cas);
  }
  key.bytes.copy(item.key_data(), key.bytes.size());
  content.value.copy(item.small_value_data(), content.value.size());
}

[[gnu::always_inline]] inline void Shard::Overwrite(const Key& key, Handle handle,
                                                    uint32_t class_index,
                                                    const ItemContent& content, uint32_t flags,
                                                    Instant now) {
  Item& item = At(handle);
  ItemList& list = lists_[class_index];
  list.item_bytes += content.value.size() - uint64_t{item.small_value_bytes};
  Fill(item, key, content, flags, now);
  if (IsFlat()) [[unlikely]] {
    list.lru.Renew(environment_.arena, handle);
  } else if (IsTemporary(item, now) || item.state() == ChunkState::kTemporary) [[unlikely]] {
    list.lru.Remove(environment_.arena, handle);
    list.lru.Insert(environment_.arena, handle, QueueFor(handle, /*returns=*/false, now));
  } else {
    if (item.access_count == 0) {
      item.access_count = 1;
    }
    if (item.next == kNoHandle) [[unlikely]] {
      list.lru.MoveToFront(environment_.arena, handle);  // the last one tells how old its list is
    }
  }
  if (content.expiry != kNever) {
    NoteExpiry(handle);
  }
}

StoreOutcome Shard::Judge(const StoreOptions& options, Index::Slot old, bool& stale) const {
  if (!old) {
    const bool becomes_cas = options.compare_cas && (options.mode == StoreMode::kSet ||
                                                     options.mode == StoreMode::kReplace);
    if (becomes_cas) {
      return StoreOutcome::kNotFound;
    }
    const bool may_create = options.mode == StoreMode::kSet || options.mode == StoreMode::kAdd;
    return may_create ? StoreOutcome::kStored : StoreOutcome::kNotStored;
  }
  if (options.mode == StoreMode::kAdd) {
    return StoreOutcome::kNotStored;
  }
  if (options.compare_cas && !CasMatches(At(old.handle()), options.cas)) {
    stale = options.invalidate && !options.joins() && environment_.cas_enabled &&
            options.cas < At(old.handle()).cas();
    return stale ? StoreOutcome::kStored : StoreOutcome::kExists;
  }
  return StoreOutcome::kStored;
}

inline void Shard::CountStored(uint32_t list_index) {
  ++counters_.set_cmds;
  ++counters_.total_items;
  ++lists_[list_index].counters.set_cmds;
}

void Shard::CountStore(const StoreOptions& options, StoreOutcome outcome, bool stale, Handle item) {
  if (outcome == StoreOutcome::kStored) {
    CountStored(ListOf(item));
  } else {
    ++counters_.set_cmds;
  }
  if (!options.compare_cas || options.mode == StoreMode::kAdd) {
    return;
  }
  if (item == kNoHandle) {
    ++counters_.cas_misses;
  } else {
    ClassCounters& counters = ListFor(item).counters;
    ++(outcome == StoreOutcome::kStored && !stale ? counters.cas_hits : counters.cas_badval);
  }
}

Shard::ItemContent Shard::ContentFor(const StoreOptions& options, Index::Slot old, bool stale) {
  ItemContent content;
  content.client_flags = options.client_flags;
  content.expiry = options.expiry;
  content.client_cas = options.new_cas;
  content.sequence = NextSequence();
  content.marks = options.base64_key ? uint32_t{kBase64KeyFlag} : 0U;
  if (stale) {
    // The value of a writer that came too late: better than none, until the winner writes.
    const Item& item = At(old.handle());
    content.expiry = item.expiry();
    content.marks |= kStaleFlag | (item.flags & kWonFlag);
  }
  return content;
}

inline std::optional<uint64_t> Shard::SetInPlace(const Key& key, Handle handle,
                                                 const StoreOptions& options,
                                                 std::string_view value, Instant now) {
  ItemContent content;
  content.client_flags = options.client_flags;
  content.expiry = options.expiry;
  content.value = value;
  const uint32_t flags = FlagsOf(content);
  const uint32_t class_index = ClassOf(key, flags, value.size());
  if (ListOf(handle) != class_index) {
    return std::nullopt;
  }
  content.sequence = NextSequence();
  Overwrite(key, handle, class_index, content, flags, now);
  CountStored(class_index);
  return environment_.cas_enabled ? content.sequence : 0;
}

std::optional<Shard::StoreAttempt> Shard::Store(const Key& key, const StoreOptions& options,
                                                std::string_view value, Instant now,
                                                PageGrant& pages) {
  const Index::Slot old = FindLive(key, now, pages);
  if (old && options.is_plain()) {
    if (const auto cas = SetInPlace(key, old.handle(), options, value, now)) [[likely]] {
      return StoreAttempt{.result = {StoreOutcome::kStored, *cas, value.size()}};
    }
  }
  if (!old && options.vivify && options.joins()) {
    return Store(key, options.Vivifying(), value, now, pages);
  }
  const bool joins = old && options.joins();
  if (joins) {
    const Item& item = At(old.handle());
    if (item.Has(kLargeFlag) || item.small_value_bytes + value.size() > kMaxSmallValueBytes) {
      return StoreAttempt{.result = {}, .needs_upload = true};
    }
  }
  bool stale = false;
  StoreResult result;
  result.outcome = Judge(options, old, stale);
  Handle handle = old ? old.handle() : kNoHandle;
  if (result.outcome == StoreOutcome::kStored) {
    ValueCopy copy;
    ItemContent content = ContentFor(options, old, stale);
    content.value = value;
    if (joins) {
      content = Join(At(handle), options, content, copy.data());
    }
    const auto written = Write(key, old, content, now, pages);
    if (!written) {
      return std::nullopt;
    }
    handle = *written;
    result.cas = environment_.cas_enabled ? At(handle).cas() : 0;
    result.value_bytes = content.value.size();
  } else if (result.outcome == StoreOutcome::kNotStored && old) {
    NoteUse(At(handle), handle, now);
  }
  CountStore(options, result.outcome, stale, handle);
  return StoreAttempt{result, false};
}

/// The old value and `added.value` in one, in `copy`; the old item's flags and expiry stay.
Shard::ItemContent Shard::Join(const Item& old, const StoreOptions& options,
                               const ItemContent& added, char* copy) const {
  const bool appends = options.mode == StoreMode::kAppend;
  const std::string_view first = appends ? old.small_value() : added.value;
  const std::string_view second = appends ? added.value : old.small_value();
  first.copy(copy, first.size());
  second.copy(copy + first.size(), second.size());
  ItemContent content = added;
  content.client_flags = old.client_flags();
  content.expiry = old.expiry();
  content.marks = old.flags & kBase64KeyFlag;
  content.value = {copy, first.size() + second.size()};
  return content;
}

Shard::ItemContent Shard::Copy(const Item& item, char* copy) const {
  const std::string_view value = item.small_value();
  value.copy(copy, value.size());
  ItemContent content;
  content.client_flags = item.client_flags();
  content.expiry = item.expiry();
  content.client_cas = item.client_cas();
  content.sequence = item.sequence();
  content.marks = item.flags & (kFetchedFlag | kStaleFlag | kWonFlag | kBase64KeyFlag);
  content.value = {copy, value.size()};
  return content;
}

std::optional<Handle> Shard::Write(const Key& key, Index::Slot old, const ItemContent& content,
                                   Instant now, PageGrant& pages) {
  const uint32_t flags = FlagsOf(content);
  const uint32_t class_index = ClassOf(key, flags, content.value.size());
  if (old && ListOf(old.handle()) == class_index) {
    Overwrite(key, old.handle(), class_index, content, flags, now);
    return old.handle();
  }
  if (!old && !index_.PrepareInsert(key.hash, pages)) {
    return std::nullopt;
  }
  const Handle handle = AllocateChunk(class_index, now, pages);
  if (handle == kNoHandle) {
    return std::nullopt;
  }
  if (old) {
    old = Find(key);  // making room may have moved it, or taken it: its slot is free then
  }
  Item& item = At(handle);
  item.access_count = 0;
  Fill(item, key, content, flags, now);
  Link(key, old, handle, now, pages);
  NoteExpiry(handle);
  return handle;
}

SegmentedLru::Queue Shard::QueueFor(Handle handle, bool returns, Instant now) const {
  if (IsTemporary(At(handle), now)) {
    return SegmentedLru::Queue::kTemporary;
  }
  const bool exact = IsFlat() || IsInLargeList(At(handle));
  return returns && !exact ? SegmentedLru::Queue::kProtected : SegmentedLru::Queue::kProbation;
}

void Shard::Link(const Key& key, Index::Slot old, Handle handle, Instant now, PageGrant& pages) {
  bool returns = false;
  if (old) {
    const Handle replaced = old.handle();
    returns = At(replaced).state() == ChunkState::kProtected;
    index_.Replace(old, handle);
    Release(replaced, pages);
  } else {
    const auto ghost = index_.Insert(key.hash, handle, ghost_epoch_);
    if (ghost) {
      returns = true;
      ItemList& list = lists_[std::min<size_t>(ghost->list_index, lists_.size() - 1)];
      ++list.counters.ghost_hits;
      ++list.recent_ghost_hits;
    }
  }
  ItemList& list = ListFor(handle);
  list.was_used = true;
  list.lru.Insert(environment_.arena, handle, QueueFor(handle, returns, now));
  list.item_bytes += ItemBytesOf(handle);
  GrowIndex(pages);
}

}  // namespace quarry::core
