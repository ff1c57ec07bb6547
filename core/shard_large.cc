// Large items: a head with the key, and the pages and chunks of the value. Where the last page has
// room behind the value, the head lies there, as the page's chunk 1.

#include <algorithm>

#include "core/base/check.h"
#include "core/shard_inline.h"

namespace quarry::core {
namespace {

/// Has the cache fetch what releasing an item touches beside the item: all at once, instead of one
/// after the other.
void PrefetchForRelease(const Arena& arena, Handle handle) {
  auto* const item = reinterpret_cast<Item*>(arena.At(handle));
  __builtin_prefetch(arena.At(item->prev), 1);
  __builtin_prefetch(arena.At(item->next), 1);
  if (item->Has(kLargeFlag)) {
    const LargeValue& value = *LargeValueOf(item);
    for (uint32_t i = 0; i < value.part_count; ++i) {
      const Handle part = value.parts()[i];
      const bool is_block = arena.ChunkBytesAt(part) == kBlockBytes;
      __builtin_prefetch(is_block ? static_cast<void*>(&arena.block_owner(part)) : arena.At(part),
                         1);
    }
  }
}

}  // namespace

std::optional<Handle> Shard::AllocateLarge(const Key& key, uint64_t value_bytes,
                                           const LargePlan& plan, Instant now, LargeChunks& chunks,
                                           PageGrant& pages) {
  // One page is emptied under one lock, whatever the number of chunks.
  const uint64_t moved_before = counters_.pages_moved;
  const auto allocate = [&](uint32_t class_index) {
    mutex_.AssertHeld();
    return AllocateChunk(class_index, now, pages, counters_.pages_moved == moved_before);
  };
  if (chunks.head == kNoHandle) {
    chunks.head = plan.head_class == LargePlan::kNone
                      ? TakeHeadPage(LargeHeadBytes(key.bytes.size(), plan.page_count, 0), pages)
                      : allocate(plan.head_class);
    if (chunks.head == kNoHandle) {
      return std::nullopt;
    }
    At(chunks.head) = Item();       // detached
    At(chunks.head).key_bytes = 1;  // tells it from a part: see ChunkStates::OwnerOf
  }
  while (chunks.part_count < plan.part_count()) {
    const uint32_t class_index = environment_.classes.ClassOfPart(plan, chunks.part_count);
    const Handle part = allocate(class_index);
    if (part == kNoHandle) {
      return std::nullopt;
    }
    chunk_states_.SetOwner(part, chunks.head);
    chunks.parts[chunks.part_count++] = part;
  }
  AssembleLarge(key, value_bytes, plan, chunks);
  return chunks.head;
}

Handle Shard::TakeHeadPage(uint32_t head_bytes, PageGrant& pages) {
  const uint32_t page = pages.Take();
  if (page == 0) {
    return kNoHandle;
  }
  const Handle head = MakeHandle(page, 1);
  PageInfo& info = environment_.arena.info(page);
  info.has_head = true;
  info.chunk_bytes.store(kPageBytes - head_bytes, std::memory_order_relaxed);
  return head;
}

void Shard::AssembleLarge(const Key& key, uint64_t value_bytes, const LargePlan& plan,
                          const LargeChunks& chunks) {
  Item& item = At(chunks.head);
  item.key_bytes = static_cast<uint32_t>(key.bytes.size()) & 0xffU;
  item.small_value_bytes = 0;
  item.access_count = 0;
  item.flags = (kAllWordFlags | kLargeFlag) & 0xffU;
  key.bytes.copy(item.key_data(), key.bytes.size());
  LargeValue& value = LargeAt(chunks.head);
  value.value_bytes = static_cast<uint32_t>(value_bytes);
  value.pin_count = 0;
  value.part_count = static_cast<uint16_t>(chunks.part_count);
  value.inline_bytes = static_cast<uint16_t>(plan.inline_bytes);
  std::copy_n(chunks.parts.begin(), chunks.part_count, value.parts());
  QUARRY_CHECK(value.page_count() == plan.page_count);
  if (plan.head_class == LargePlan::kNone) {
    value.pages()[plan.page_count - 1] = PageOf(chunks.head);
  }
}

void Shard::FreeChunks(const LargeChunks& chunks) {
  for (uint32_t i = 0; i < chunks.part_count; ++i) {
    FreeChunk(chunks.parts[i]);
  }
  if (chunks.head != kNoHandle) {
    FreeChunk(chunks.head);
  }
}

void Shard::FreeLarge(Handle head, PageGrant& pages) {
  const uint32_t head_page_count = IsHeadPage(PageOf(head)) ? 1 : 0;
  FreeUpload(head, LargeAt(head).page_count() - head_page_count, pages);
}

void Shard::FreeUpload(Handle head, uint32_t page_count, PageGrant& pages) {
  const LargeValue& value = LargeAt(head);
  // Backwards, so that the next value gets them in the order in which they lie.
  for (uint32_t i = value.part_count; i > 0; --i) {
    FreeChunk(value.parts()[i - 1]);
  }
  pages.Add({value.pages(), page_count});
  const uint32_t head_page = PageOf(head);
  if (IsHeadPage(head_page)) {
    ForgetExpiries(head_page);
    environment_.arena.info(head_page).has_head = false;
    pages.Add(head_page);
  } else {
    FreeChunk(head);
  }
}

std::optional<StoreResult> Shard::CommitLarge(const Key& key, const StoreOptions& options,
                                              Handle head, uint64_t expected_sequence, Instant now,
                                              PageGrant& pages) {
  const Index::Slot old = FindLive(key, now, pages);
  if (!old && options.vivify && options.joins()) {
    return CommitLarge(key, options.Vivifying(), head, expected_sequence, now, pages);
  }
  StoreResult result;
  bool stale = false;
  if (expected_sequence == 0 && old && options.joins()) {
    result.outcome = StoreOutcome::kExists;
    return result;
  }
  if (expected_sequence == 0) {
    result.outcome = Judge(options, old, stale);
  } else {
    const bool unchanged = old && At(old.handle()).sequence() == expected_sequence;
    result.outcome = unchanged ? StoreOutcome::kStored : StoreOutcome::kExists;
  }
  if (result.outcome != StoreOutcome::kStored) {
    if (expected_sequence == 0) {
      CountStore(options, result.outcome, stale, old ? old.handle() : kNoHandle);
    }
    return result;
  }
  if (!old && !index_.PrepareInsert(key.hash, pages)) {
    return std::nullopt;
  }
  if (old) {
    PrefetchForRelease(environment_.arena, old.handle());
  }
  ItemContent content = ContentFor(options, old, stale);
  if (expected_sequence != 0) {  // append or prepend: only the value is new
    const Item& item = At(old.handle());
    content.client_flags = item.client_flags();
    content.expiry = item.expiry();
    content.marks = item.flags & kBase64KeyFlag;
  }
  Item& item = At(head);
  item.set_sequence(content.sequence);
  item.last_access = now.floor_sec & kAccessTimeMask;
  item.flags = (content.marks | kAllWordFlags | kLargeFlag) & 0xffU;
  item.set_expiry(content.expiry);
  item.set_client_flags(content.client_flags);
  item.set_client_cas(content.client_cas);
  Link(key, old, head, now, pages);
  NoteExpiry(head);
  if (IsInLargeList(At(head))) {
    ListFor(head).value_pages += LargeAt(head).page_count();
    NoteLargeUse(head);
  }
  CountStore(options, result.outcome, stale, head);
  result.cas = environment_.cas_enabled ? item.cas() : 0;
  result.value_bytes = LargeAt(head).value_bytes;
  return result;
}

Shard::AppendBase Shard::FindForAppend(const Key& key, const StoreOptions& options, Instant now,
                                       char* copy, PageGrant& pages) {
  AppendBase base;
  const Index::Slot slot = FindLive(key, now, pages);
  if (!slot) {
    return base;
  }
  const Item& item = At(slot.handle());
  base.found = true;
  base.cas_matches = !options.compare_cas || CasMatches(item, options.cas);
  base.sequence = item.sequence();
  if (!base.cas_matches) {
    CountStore(options, StoreOutcome::kExists, /*stale=*/false, slot.handle());
    return base;
  }
  if (item.Has(kLargeFlag)) {
    base.value_bytes = LargeAt(slot.handle()).value_bytes;
    base.pinned = Pinned(slot.handle());
  } else {
    base.value_bytes = item.small_value().copy(copy, item.small_value_bytes);
  }
  return base;
}

void Shard::NoteLargeUse(Handle head) {
  LargeAt(head).used_at = environment_.large_turns.Next();
  lists_[environment_.classes.large_list()].lru.MoveToFront(environment_.arena, head);
  PublishLargeTail();
}

void Shard::PublishLargeTail() {
  const SegmentedLru& lru = lists_[environment_.classes.large_list()].lru;
  const uint64_t tail = lru.empty() ? 0 : kHasLarge | LargeAt(lru.tail(IsFlat())).used_at;
  large_tail_.store(tail, std::memory_order_release);
}

std::optional<uint32_t> Shard::OldestLargeTurns() const {
  const uint64_t tail = large_tail_.load(std::memory_order_acquire);
  if (tail == 0) {
    return std::nullopt;
  }
  return environment_.large_turns.Since(static_cast<uint32_t>(tail));
}

Handle Shard::Pinned(Handle head) {
  LargeValue& value = LargeAt(head);
  if (value.pin_count++ == 0) {
    pinned_bytes_ += value.value_bytes;
  }
  return head;
}

void Shard::Unpin(Handle head, PageGrant& pages) {
  LargeValue& value = LargeAt(head);
  QUARRY_CHECK(value.pin_count > 0);
  if (--value.pin_count > 0) {
    return;
  }
  pinned_bytes_ -= value.value_bytes;
  if (At(head).state() == ChunkState::kDetached) {
    FreeLarge(head, pages);
  }
}

}  // namespace quarry::core
