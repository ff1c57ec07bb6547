#include "core/index.h"

#include <algorithm>
#include <utility>

#include "core/base/cache_line.h"
#include "core/base/check.h"

namespace quarry::core {
namespace {

// Mean items for a bucket before the next split: 7 of 10 slots, so that chains stay rare.
constexpr uint32_t kTargetLoad = 7;
// Beyond this mean load a split is not put off any longer for want of a page.
constexpr uint32_t kUrgentLoad = 10;
// Below this mean load a bucket is merged into its other half: by then half of the items are gone.
constexpr uint32_t kSparseLoad = 3;
// Of a larger item so much is brought into the cache ahead.
constexpr uint32_t kMostPrefetchedBytes = 3 * kCacheLineBytes;

uint64_t LaneMask(uint32_t lane) {
  return uint64_t{0xffff} << (lane * 16);
}

}  // namespace

uint16_t Bucket::tag(uint32_t slot) const {
  const uint64_t word = slot < 8 ? tags_low[slot / 4].load(std::memory_order_relaxed)
                                 : tags_high.load(std::memory_order_relaxed);
  return static_cast<uint16_t>(word >> (slot % 4 * 16));
}

void Bucket::Set(uint32_t slot, uint16_t tag, Handle handle) {
  const uint32_t lane = slot % 4;
  const uint64_t shifted = uint64_t{tag} << (lane * 16);
  if (slot < 8) {
    std::atomic<uint64_t>& word = tags_low[slot / 4];
    word.store((word.load(std::memory_order_relaxed) & ~LaneMask(lane)) | shifted,
               std::memory_order_relaxed);
  } else {
    tags_high.store(static_cast<uint32_t>(
                        (tags_high.load(std::memory_order_relaxed) & ~LaneMask(lane)) | shifted),
                    std::memory_order_relaxed);
  }
  handles[slot].store(handle, std::memory_order_relaxed);
}

void Bucket::Clear() {
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    Set(slot, 0, kNoHandle);
  }
  link.store(0, std::memory_order_relaxed);
}

void Bucket::CopyFrom(const Bucket& other) {
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    Set(slot, other.tag(slot), other.handle(slot));
  }
  link.store(other.link.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

Index::Index(Arena& arena, PagePool& pool, uint32_t start_page, uint32_t start_number,
             uint32_t max_pages, HashOf hash_of)
    : arena_(arena),
      pool_(pool),
      first_place_(start_number * kStartBuckets),
      max_pages_(max_pages),
      hash_of_(std::move(hash_of)),
      buckets_(max_pages),
      overflow_(max_pages) {
  QUARRY_CHECK(start_number < kStartsPerPage && max_pages >= 1);
  buckets_[0].store(start_page, std::memory_order_relaxed);
}

/// A page that comes to the index holds what its last owner left there.
void Index::AdoptPage(Arena& arena, uint32_t page) {
  arena.info(page).chunk_bytes.store(0, std::memory_order_relaxed);
  auto* bucket = reinterpret_cast<Bucket*>(arena.page(page));
  for (uint32_t i = 0; i < kBucketsPerPage; ++i) {
    bucket[i].Clear();
  }
}

bool Index::EnsureBucketPage(PageGrant& pages) {
  if (bucket_count() < BucketCapacity()) {
    return true;
  }
  const uint32_t page = bucket_pages_ < max_pages_ ? pages.TakeForIndex() : 0;
  if (page == 0) {
    return bucket_pages_ == max_pages_;  // as large as it gets: the chains grow instead
  }
  AdoptPage(arena_, page);
  if (bucket_pages_ == 0) {
    auto* const first = reinterpret_cast<Bucket*>(arena_.page(page)) + first_place_;
    for (uint32_t i = 0; i < kStartBuckets; ++i) {
      first[i].CopyFrom(*BucketAt(buckets_, i));
    }
  }
  buckets_[bucket_pages_++].store(page, std::memory_order_release);
  return true;
}

bool Index::EnsureOverflowBuckets(uint32_t count, PageGrant& pages) {
  if (overflow_end_ + count <= overflow_pages_ * kBucketsPerPage) {
    return true;
  }
  const uint32_t page = overflow_pages_ < max_pages_ ? pages.TakeForIndex() : 0;
  if (page == 0) {
    return false;
  }
  AdoptPage(arena_, page);
  overflow_[overflow_pages_++].store(page, std::memory_order_release);
  return true;
}

uint32_t Index::TakeOverflowBucket() {
  QUARRY_CHECK(overflow_end_ < overflow_pages_ * kBucketsPerPage);
  return overflow_end_++;
}

bool Index::PrepareInsert(uint64_t hash, PageGrant& pages) {
  const uint32_t load = pages.pool_has_pages() ? kTargetLoad : kUrgentLoad;
  if (item_count_ >= uint64_t{bucket_count()} * load && !EnsureBucketPage(pages)) {
    return false;
  }
  for (const Bucket* bucket = BucketFor(hash); bucket != nullptr; bucket = NextOf(bucket)) {
    for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
      if (!IsItem(bucket->handle(slot))) {
        return true;
      }
    }
  }
  return EnsureOverflowBuckets(1, pages);
}

std::optional<Ghost> Index::Insert(uint64_t hash, Handle handle, GhostEpoch now) {
  Bucket* const first = BucketFor(hash);
  const uint16_t tag = TagOf(hash);
  ++item_count_;
  // An empty slot is as good as a ghost older than any.
  uint32_t best_slot = Bucket::kSlots;
  uint32_t best_age = 0;
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    const Handle present = first->handle(slot);
    if (IsItem(present)) {
      continue;
    }
    uint32_t age = GhostEpoch::kCount;
    if (present != kNoHandle) {
      const Ghost ghost = Ghost::Of(present);
      age = now.AgeOf(ghost);
      if (now.IsForgotten(ghost)) {
        first->Set(slot, 0, kNoHandle);
      } else if (first->tag(slot) == tag) {
        first->Set(slot, tag, handle);
        return ghost;
      }
    }
    if (best_slot == Bucket::kSlots || age > best_age) {
      best_slot = slot;
      best_age = age;
    }
  }
  if (best_slot < Bucket::kSlots) {
    first->Set(best_slot, tag, handle);
  } else {
    InsertInto(first, tag, handle);
  }
  return std::nullopt;
}

void Index::InsertInto(Bucket* bucket, uint16_t tag, Handle handle) {
  for (;;) {
    for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
      if (bucket->handle(slot) == kNoHandle) {
        bucket->Set(slot, tag, handle);
        return;
      }
    }
    if (bucket->link.load(std::memory_order_relaxed) == 0) {
      bucket->link.store(TakeOverflowBucket(), std::memory_order_relaxed);
    }
    bucket = NextOf(bucket);
  }
}

void Index::Erase(uint64_t hash, Slot slot) {
  slot.bucket->Set(slot.index, 0, kNoHandle);
  --item_count_;
  Bucket* const first = BucketFor(hash);
  if (first->link.load(std::memory_order_relaxed) != 0) {
    CloseGap(first, slot);
  }
}

void Index::Bury(uint64_t hash, Slot slot, Ghost ghost) {
  const bool has_room = BucketFor(hash)->link.load(std::memory_order_relaxed) == 0;
  Erase(hash, slot);
  if (has_room) {
    slot.bucket->Set(slot.index, TagOf(hash), ghost.handle());
  }
}

void Index::CloseGap(Bucket* first, Slot gap) {
  Bucket* last = NextOf(first);
  while (Bucket* next = NextOf(last)) {
    last = next;
  }
  uint32_t used = 0;
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    const Handle handle = last->handle(slot);
    if (handle == kNoHandle) {
      continue;
    }
    if (gap.bucket != last) {
      gap.bucket->Set(gap.index, last->tag(slot), handle);
      last->Set(slot, 0, kNoHandle);
      gap.bucket = last;
    } else {
      ++used;
    }
  }
  if (used == 0) {
    FreeLastOf(first);
  }
}

/// The last overflow bucket of all moves to the place of the freed one.
void Index::FreeLastOf(Bucket* first) {
  Bucket* before = first;
  while (NextOf(NextOf(before)) != nullptr) {
    before = NextOf(before);
  }
  const uint32_t freed = before->link.load(std::memory_order_relaxed);
  before->link.store(0, std::memory_order_relaxed);
  Bucket* const moved = OverflowAt(overflow_end_ - 1);
  if (freed != overflow_end_ - 1) {
    LinkTo(overflow_end_ - 1)->link.store(freed, std::memory_order_relaxed);
    OverflowAt(freed)->CopyFrom(*moved);
  }
  moved->Clear();
  --overflow_end_;
  // Half a page stays, lest the next overflow take it again; a split in progress needs a bucket.
  if (overflow_end_ + kBucketsPerPage / 2 <= (overflow_pages_ - 1) * kBucketsPerPage) {
    pool_.GiveFromIndex(overflow_[--overflow_pages_].load(std::memory_order_relaxed));
  }
}

void Index::FreeOverflowOf(Bucket* first) {
  while (NextOf(first) != nullptr) {
    FreeLastOf(first);
  }
}

Bucket* Index::LinkTo(uint32_t number) const {
  const Bucket* const bucket = OverflowAt(number);
  uint32_t slot = 0;
  while (bucket->handle(slot) == kNoHandle) {
    ++slot;
    QUARRY_CHECK(slot < Bucket::kSlots);
  }
  Bucket* before = BucketFor(hash_of_(bucket->handle(slot)));
  while (before->link.load(std::memory_order_relaxed) != number) {
    before = NextOf(before);
    QUARRY_CHECK(before != nullptr);
  }
  return before;
}

void Index::AddItemsOf(const Bucket* bucket, Entries& entries) const {
  for (; bucket != nullptr; bucket = NextOf(bucket)) {
    for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
      if (const Handle handle = bucket->handle(slot); IsItem(handle)) {
        entries.push_back({handle, bucket->tag(slot)});
      }
    }
  }
}

std::optional<uint32_t> Index::NextToSplit() const {
  const bool is_loaded = item_count_ > uint64_t{bucket_count()} * kTargetLoad;
  return is_loaded ? std::optional(shape().split) : std::nullopt;
}

void Index::GrowIfLoaded(PageGrant& pages) {
  if (NextToSplit() && EnsureBucketPage(pages) && bucket_count() < BucketCapacity()) {
    SplitOne();
  }
}

/// Needs no memory: two chains of a and b items take ceil(a/10) + ceil(b/10) buckets, which is at
/// most the ceil((a+b)/10) of the old chain and the one new bucket.
void Index::SplitOne() {
  const auto [old_mask, old_number] = shape();
  Bucket* const old_bucket = BucketAt(buckets_, old_number);
  Bucket* const new_bucket = BucketAt(buckets_, old_number + old_mask + 1);
  Entries entries;
  AddItemsOf(old_bucket, entries);
  for (const Entry& entry : entries) {
    __builtin_prefetch(arena_.At(entry.handle));
  }
  FreeOverflowOf(old_bucket);
  old_bucket->Clear();
  for (const Entry& entry : entries) {
    const bool moves = (hash_of_(entry.handle) & (uint64_t{old_mask} + 1)) != 0;
    InsertInto(moves ? new_bucket : old_bucket, entry.tag, entry.handle);
  }
  const bool round_is_over = old_number == old_mask;
  shape_.store(round_is_over ? Shape{old_mask * 2 + 1, 0} : Shape{old_mask, old_number + 1},
               std::memory_order_release);
}

void Index::ShrinkIfSparse(PageGrant& pages) {
  const uint32_t count = bucket_count();
  if (item_count_ < uint64_t{count} * kSparseLoad && count > kStartBuckets) {
    MergeLast(pages);
  }
}

/// Undoes the last split. A store in progress counts on one slot or overflow bucket
/// (PrepareInsert), and a merged chain may need one bucket more than its two parts had behind their
/// first ones.
void Index::MergeLast(PageGrant& pages) {
  const auto [mask, split] = shape();
  const Shape merged = split > 0 ? Shape{mask, split - 1} : Shape{mask / 2, mask / 2};
  Bucket* const kept = BucketAt(buckets_, merged.split);
  Bucket* const last = BucketAt(buckets_, merged.split + merged.mask + 1);
  Entries entries;
  AddItemsOf(kept, entries);
  AddItemsOf(last, entries);
  if (entries.size() >= Bucket::kSlots && !EnsureOverflowBuckets(2, pages)) {
    return;  // put off until a removal frees one
  }
  FreeOverflowOf(kept);
  FreeOverflowOf(last);
  kept->Clear();
  last->Clear();
  shape_.store(merged, std::memory_order_release);
  for (const Entry& entry : entries) {
    InsertInto(kept, entry.tag, entry.handle);
  }
  if (bucket_pages_ > 1 && bucket_count() <= (bucket_pages_ - 1) * kBucketsPerPage) {
    pool_.GiveFromIndex(buckets_[--bucket_pages_].load(std::memory_order_relaxed));
  }
}

void Index::VisitBucket(uint32_t bucket_number, absl::FunctionRef<void(Handle)> visit) const {
  absl::InlinedVector<Handle, 4 * Bucket::kSlots> items;  // erasing one moves others
  for (const Bucket* bucket = BucketAt(buckets_, bucket_number); bucket != nullptr;
       bucket = NextOf(bucket)) {
    for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
      if (IsItem(bucket->handle(slot))) {
        items.push_back(bucket->handle(slot));
        __builtin_prefetch(arena_.At(items.back()));  // to wait for all of them at once
      }
    }
  }
  for (const Handle item : items) {
    visit(item);
  }
}

uint64_t Index::PlaceOf(uint64_t hash) {
  // Swaps neighbours of 1, 2 and 4 bits, and then whole bytes.
  uint64_t bits = hash;
  bits = (bits >> 1 & 0x5555555555555555) | (bits & 0x5555555555555555) << 1;
  bits = (bits >> 2 & 0x3333333333333333) | (bits & 0x3333333333333333) << 2;
  bits = (bits >> 4 & 0x0f0f0f0f0f0f0f0f) | (bits & 0x0f0f0f0f0f0f0f0f) << 4;
  return __builtin_bswap64(bits);
}

Index::PlaceRange Index::RangeAt(uint64_t place) const {
  const uint32_t bucket = BucketNumber(PlaceOf(place));  // its own inverse
  const Shape now = shape();
  const uint32_t bucket_bits =
      bucket < now.split || bucket > now.mask ? now.level() + 1 : now.level();
  return {bucket, place | UINT64_MAX >> bucket_bits};
}

uint32_t Index::PrefetchItem(const Arena& arena, const Bucket& bucket, uint64_t hash) {
  const uint32_t candidates = bucket.Match(TagOf(hash));
  if (candidates == 0) {
    return kUnknownSlot;
  }
  const auto slot = static_cast<uint32_t>(__builtin_ctz(candidates));
  const Handle handle = bucket.handle(slot);
  // Header, key and value of a common small item, which begins anywhere in a line.
  const uint32_t chunk_bytes = arena.ChunkBytesAt(handle);
  const char* const item = arena.At(handle, chunk_bytes);
  __builtin_prefetch(item);
  __builtin_prefetch(item + std::clamp(chunk_bytes, 1U, kMostPrefetchedBytes) - 1);
  if (chunk_bytes > kCacheLineBytes) {
    __builtin_prefetch(item + kCacheLineBytes);
    if (chunk_bytes > 2 * kCacheLineBytes) {
      __builtin_prefetch(item + 2 * kCacheLineBytes);
    }
  }
  return slot;
}

}  // namespace quarry::core
