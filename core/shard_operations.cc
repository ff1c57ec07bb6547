// What a shard does with one key: get, store, delete, count. Large items: shard_large.cc.

#include <array>

#include "core/base/check.h"
#include "core/base/numbers.h"
#include "core/engine.h"
#include "core/shard.h"

namespace quarry::core {
namespace {

using ValueCopy = std::array<char, Engine::kMaxSmallValueBytes>;

/// The number that a value spells, or nothing: digits, then perhaps spaces, which an earlier,
/// longer number has left.
std::optional<uint64_t> NumberIn(std::string_view value) {
  return ParseU64(value.substr(0, value.find_last_not_of(' ') + 1));
}

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

void Shard::NoteAccess(Item& item, Instant now) {
  // Nothing is written where nothing changes: the line of a hot item stays clean.
  if (item.access_count < kMaxAccessCount) {
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
  switch (options.count_as) {
    case CountAs::kGet:
      ++counters_.get_cmds;
      ++ListFor(handle).counters.get_hits;
      break;
    case CountAs::kTouch:
      ++counters_.touch_cmds;
      ++ListFor(handle).counters.touch_hits;
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

std::optional<GetOutcome> Shard::Get(const Key& key, const GetOptions& options, Instant now,
                                     PageGrant& pages, Fetched& fetched, Handle& pinned) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (slot && IsDead(At(slot.handle()), now)) [[unlikely]] {
    if (options.count_as == CountAs::kGet) {
      ++(IsFlushed(At(slot.handle())) ? counters_.get_flushed : counters_.get_expired);
    }
    Remove(slot, pages);
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
    NoteAccess(item, now);
  }
  CountHit(options, handle);
  fetched.item = View(item);
  fetched.item.class_id = ListOf(handle) + 1;
  fetched.item.item_bytes = ItemBytesOf(handle);
  if (fetched.item.large) {
    fetched.item.value_bytes = LargeAt(handle).value_bytes;
    const bool is_known = options.compare_cas && CasMatches(item, options.cas);
    pinned = options.want_value && !is_known ? Pinned(handle) : kNoHandle;
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
    stale = options.invalidate && environment_.cas_enabled && options.cas < At(old.handle()).cas();
    return stale ? StoreOutcome::kStored : StoreOutcome::kExists;
  }
  return StoreOutcome::kStored;
}

void Shard::CountStore(const StoreOptions& options, StoreOutcome outcome, bool stale, Handle item) {
  ++counters_.set_cmds;
  if (outcome == StoreOutcome::kStored) {
    ++counters_.total_items;
    ++ListFor(item).counters.set_cmds;
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

std::optional<Shard::StoreAttempt> Shard::Store(const Key& key, const StoreOptions& requested,
                                                std::string_view value, Instant now,
                                                PageGrant& pages) {
  const Index::Slot old = FindLive(key, now, pages);
  const StoreOptions options = WithoutVivify(requested, static_cast<bool>(old));
  const bool joins =
      old && (options.mode == StoreMode::kAppend || options.mode == StoreMode::kPrepend);
  if (joins) {
    const Item& item = At(old.handle());
    if (item.Has(kLargeFlag) ||
        item.small_value_bytes + value.size() > Engine::kMaxSmallValueBytes) {
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
    NoteAccess(At(handle), now);
  }
  CountStore(options, result.outcome, stale, handle);
  return StoreAttempt{result, false};
}

/// An append or prepend that found nothing and was told to create becomes a set.
StoreOptions Shard::WithoutVivify(const StoreOptions& options, bool exists) {
  StoreOptions result = options;
  const bool joins = options.mode == StoreMode::kAppend || options.mode == StoreMode::kPrepend;
  if (joins && options.vivify && !exists) {
    result.mode = StoreMode::kSet;
    result.compare_cas = false;
    result.expiry = options.vivify_expiry;
  }
  return result;
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
  const uint32_t flags = content.marks | (content.expiry != kNever ? kExpiryWordFlag : 0U) |
                         (content.client_flags != 0 ? kClientFlagsWordFlag : 0U) |
                         (content.client_cas != 0 ? kCasWordFlag : 0U);
  const uint32_t class_index =
      environment_.classes.ClassFor(SmallItemBytes(flags, key.bytes.size(), content.value.size()));
  const bool in_place = old && ListOf(old.handle()) == class_index;
  if (!old && !PrepareInsert(key, pages)) {
    return std::nullopt;
  }
  const Handle handle =
      in_place ? old.handle() : AllocateChunk(class_index, class_index, now, pages);
  if (handle == kNoHandle) {
    return std::nullopt;
  }

  Item& item = At(handle);
  const uint64_t old_bytes = in_place ? ItemBytesOf(handle) : 0;
  item.set_sequence(content.sequence);
  item.key_bytes = static_cast<uint32_t>(key.bytes.size()) & 0xffU;
  item.small_value_bytes = static_cast<uint32_t>(content.value.size()) & 0x3fffU;
  item.access_count = 0;
  item.last_access = now.floor_sec & kAccessTimeMask;
  item.flags = flags & 0xffU;
  if (content.expiry != kNever) {
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

  if (in_place) {
    ItemList& list = lists_[class_index];
    list.item_bytes += ItemBytesOf(handle) - old_bytes;
    list.lru.MoveToFront(environment_.arena, handle);
  } else {
    Link(key, old, handle, pages);
  }
  return handle;
}

bool Shard::PrepareInsert(const Key& key, PageGrant& pages) {
  return index_.PrepareInsert(key.hash, [&pages] { return pages.Take(); });
}

void Shard::Link(const Key& key, Index::Slot old, Handle handle, PageGrant& pages) {
  if (old) {
    const Handle replaced = old.handle();
    index_.Replace(old, handle);
    Release(replaced, pages);
  } else {
    index_.Insert(key.hash, handle);
    index_.GrowIfLoaded(
        [&pages] { return pages.Take(); },
        [this](Handle linked) { return HashKey(At(linked).key(), environment_.hash_seed); });
  }
  At(handle).set_state(ChunkState::kLinked);
  ItemList& list = ListFor(handle);
  list.lru.PushFront(environment_.arena, handle);
  list.item_bytes += ItemBytesOf(handle);
}

std::optional<DeleteOutcome> Shard::Delete(const Key& key, const DeleteOptions& options,
                                           Instant now, PageGrant& pages) {
  const Index::Slot slot = FindLive(key, now, pages);
  if (!slot) {
    ++counters_.delete_misses;
    return DeleteOutcome::kNotFound;
  }
  if (options.compare_cas && !CasMatches(At(slot.handle()), options.cas)) {
    return DeleteOutcome::kExists;
  }
  if (options.invalidate || options.remove_value) {
    return LeaveBehind(key, options, slot, now, pages);
  }
  ++ListFor(slot.handle()).counters.delete_hits;
  Remove(slot, pages);
  return DeleteOutcome::kDeleted;
}

/// A delete that keeps the item: stale, or without its value, or both.
std::optional<DeleteOutcome> Shard::LeaveBehind(const Key& key, const DeleteOptions& options,
                                                Index::Slot slot, Instant now, PageGrant& pages) {
  Item& item = At(slot.handle());
  ValueCopy copy;
  ItemContent content = Copy(item, copy.data());
  if (options.remove_value) {
    content.value = {};
    content.client_flags = options.client_flags;
    content.expiry = options.touch ? options.expiry : kNever;
  } else if (options.touch) {
    content.expiry = options.expiry;
  }
  if (options.invalidate) {
    content.marks = (content.marks | kStaleFlag) & ~uint32_t{kWonFlag};
    content.sequence = NextSequence();
    content.client_cas = 0;
  }
  if (options.new_cas != 0) {
    content.client_cas = options.new_cas;
  }
  if (item.Has(kLargeFlag) && !options.remove_value) {
    item.flags = (content.marks | kAllWordFlags | kLargeFlag) & 0xffU;
    item.set_sequence(content.sequence);
    item.set_expiry(content.expiry);
    item.set_client_cas(content.client_cas);
    return DeleteOutcome::kDeleted;
  }
  const auto handle = Write(key, slot, content, now, pages);
  if (!handle) {
    return std::nullopt;
  }
  ++ListFor(*handle).counters.delete_hits;
  return DeleteOutcome::kDeleted;
}

std::optional<ArithmeticResult> Shard::Arithmetic(const Key& key, const ArithmeticOptions& options,
                                                  Instant now, PageGrant& pages) {
  const Index::Slot slot = FindLive(key, now, pages);
  ValueCopy text;
  ItemContent content;
  ArithmeticResult result;
  if (slot) {
    const Item& item = At(slot.handle());
    if (options.compare_cas && !CasMatches(item, options.cas)) {
      result.outcome = ArithmeticOutcome::kExists;
      return result;
    }
    content = Copy(item, text.data());
    const auto number = item.Has(kLargeFlag) ? std::nullopt : NumberIn(content.value);
    if (!number) {
      result.outcome = ArithmeticOutcome::kNonNumeric;
      return result;
    }
    result.outcome = ArithmeticOutcome::kDone;
    result.value = !options.decrement        ? *number + options.delta
                   : *number > options.delta ? *number - options.delta
                                             : 0;
    result.expiry_before = content.expiry;
    content.expiry = options.touch ? options.expiry : content.expiry;
    content.marks |= kFetchedFlag;
  } else {
    if (!options.vivify) {
      ++(options.decrement ? counters_.decr_misses : counters_.incr_misses);
      result.outcome = ArithmeticOutcome::kNotFound;
      return result;
    }
    result.outcome = ArithmeticOutcome::kCreated;
    result.value = options.initial;
    result.expiry_before = options.vivify_expiry;
    content.expiry = options.vivify_expiry;
    content.marks = options.base64_key ? uint32_t{kBase64KeyFlag} : 0U;
  }
  // A shorter number keeps the room of the longer one before it, filled with spaces, as memcached's
  // clients know it.
  char* end = FormatU64(text.data(), result.value);
  for (char* const old_end = text.data() + content.value.size(); end < old_end; ++end) {
    *end = ' ';
  }
  content.value = {text.data(), static_cast<size_t>(end - text.data())};
  content.sequence = NextSequence();
  content.client_cas = options.new_cas;
  const auto handle = Write(key, slot, content, now, pages);
  if (!handle) {
    return std::nullopt;
  }
  ClassCounters& counters = ListFor(*handle).counters;
  if (slot) {
    ++(options.decrement ? counters.decr_hits : counters.incr_hits);
  }
  result.cas = environment_.cas_enabled ? At(*handle).cas() : 0;
  result.expiry = content.expiry;
  return result;
}

void Shard::RefuseTooLarge(const Key& key, bool drop_old, Instant now, PageGrant& pages) {
  ++counters_.store_too_large;
  const Index::Slot old = FindLive(key, now, pages);
  if (old && drop_old) {
    Remove(old, pages);
  }
}

void Shard::CountNoMemory() {
  ++counters_.store_no_memory;
}

}  // namespace quarry::core
