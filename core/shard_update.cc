// What a shard does to change an item that is there: delete, invalidate, count; and what becomes of
// it where a store is refused.

#include <optional>
#include <string_view>

#include "core/base/numbers.h"
#include "core/shard_inline.h"

namespace quarry::core {
namespace {

/// The number that a value spells, or nothing: digits, then perhaps spaces, which an earlier,
/// longer number has left.
std::optional<uint64_t> NumberIn(std::string_view value) {
  return ParseU64(value.substr(0, value.find_last_not_of(' ') + 1));
}

}  // namespace

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
  Remove(key.hash, slot, pages);
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
  if (options.invalidate || options.remove_value) {
    // Without its value it is another item to an append under way, with the same CAS to clients.
    content.client_cas = options.invalidate ? 0 : item.cas();
    content.sequence = NextSequence();
  }
  if (options.invalidate) {
    content.marks = (content.marks | kStaleFlag) & ~uint32_t{kWonFlag};
  }
  if (options.new_cas != 0) {
    content.client_cas = options.new_cas;
  }
  if (item.Has(kLargeFlag) && !options.remove_value) {
    item.flags = (content.marks | kAllWordFlags | kLargeFlag) & 0xffU;
    item.set_sequence(content.sequence);
    item.set_expiry(content.expiry);
    item.set_client_cas(content.client_cas);
    NoteExpiry(slot.handle());
    return DeleteOutcome::kDeleted;
  }
  const auto handle = Write(key, slot, content, now, pages);
  if (!handle) {
    return std::nullopt;
  }
  if (!options.invalidate) {
    ++ListFor(*handle).counters.delete_hits;
  }
  return DeleteOutcome::kDeleted;
}

/// The outcome of counting on from `item`; fills `content` with what the item is otherwise.
ArithmeticResult Shard::CountOn(const Item& item, const ArithmeticOptions& options, char* copy,
                                ItemContent& content) const {
  ArithmeticResult result;
  if (options.compare_cas && !CasMatches(item, options.cas)) {
    result.outcome = ArithmeticOutcome::kExists;
    return result;
  }
  content = Copy(item, copy);
  const auto number = item.Has(kLargeFlag) ? std::nullopt : NumberIn(content.value);
  if (!number) {
    result.outcome = ArithmeticOutcome::kNonNumeric;
    return result;
  }
  result.outcome = ArithmeticOutcome::kDone;
  if (options.decrement) {
    result.value = *number > options.delta ? *number - options.delta : 0;
  } else {
    result.value = *number + options.delta;
  }
  result.expiry_before = content.expiry;
  content.expiry = options.touch ? options.expiry : content.expiry;
  return result;
}

std::optional<ArithmeticResult> Shard::Arithmetic(const Key& key, const ArithmeticOptions& options,
                                                  Instant now, PageGrant& pages) {
  const Index::Slot slot = FindLive(key, now, pages);
  ValueCopy text;
  ItemContent content;
  ArithmeticResult result;
  if (slot) {
    result = CountOn(At(slot.handle()), options, text.data(), content);
  } else if (options.vivify) {
    result.outcome = ArithmeticOutcome::kCreated;
    result.value = options.initial;
    result.expiry_before = options.vivify_expiry;
    content.expiry = options.vivify_expiry;
    content.marks = options.base64_key ? uint32_t{kBase64KeyFlag} : 0U;
  } else {
    ++(options.decrement ? counters_.decr_misses : counters_.incr_misses);
  }
  if (result.outcome != ArithmeticOutcome::kDone && result.outcome != ArithmeticOutcome::kCreated) {
    return result;
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
  if (slot) {
    ClassCounters& counters = ListFor(*handle).counters;
    ++(options.decrement ? counters.decr_hits : counters.incr_hits);
  } else {
    ++counters_.total_items;
  }
  result.cas = environment_.cas_enabled ? At(*handle).cas() : 0;
  result.expiry = content.expiry;
  return result;
}

void Shard::RefuseTooLarge(const Key& key, const StoreOptions& options, Instant now,
                           PageGrant& pages) {
  ++counters_.store_too_large;
  DropOld(key, options, now, pages);
}

void Shard::RefuseNoMemory(const Key& key, const StoreOptions& options, uint64_t value_bytes,
                           Instant now, PageGrant& pages) {
  ++counters_.store_no_memory;
  const SlabClasses& classes = environment_.classes;
  uint32_t list_index = classes.large_list();
  if (value_bytes <= kMaxSmallValueBytes) {
    ItemContent content;
    content.client_flags = options.client_flags;
    content.expiry = options.expiry;
    content.client_cas = options.new_cas;
    list_index = ClassOf(key, FlagsOf(content), value_bytes);
  } else if (classes.PlanFor(key.bytes.size(), value_bytes).page_count == 0) {
    list_index = classes.medium_list();
  }
  ++lists_[list_index].counters.out_of_memory;
  DropOld(key, options, now, pages);
}

void Shard::DropOld(const Key& key, const StoreOptions& options, Instant now, PageGrant& pages) {
  const Index::Slot old = FindLive(key, now, pages);
  if (old && options.DropsOld()) {
    Remove(key.hash, old, pages);
  }
}

}  // namespace quarry::core
