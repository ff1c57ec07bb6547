#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/container/inlined_vector.h>
#include <absl/functional/any_invocable.h>
#include <absl/functional/function_ref.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/arena.h"
#include "core/base/zeroed_array.h"
#include "core/ghost.h"
#include "core/handle.h"
#include "core/operations.h"
#include "core/page_pool.h"

namespace quarry::core {

/// One cache line of the index: ten slots, each a 16-bit tag and the handle of an item, a ghost, or
/// kNoHandle.
///
///     | tags 0-3 | tags 4-7 | tags 8-9 | link | handle 0 | ... | handle 9 |
///
/// `link` names an overflow bucket that goes on with this one's slots; 0 ends the chain. Everything
/// is a relaxed atomic, since prefetching reads it without the lock; writers hold the shard's lock.
struct alignas(64) Bucket {
  static constexpr uint32_t kSlots = 10;
  std::array<std::atomic<uint64_t>, 2> tags_low;
  std::atomic<uint32_t> tags_high;
  std::atomic<uint32_t> link;
  std::array<std::atomic<Handle>, kSlots> handles;

  Handle handle(uint32_t slot) const { return handles[slot].load(std::memory_order_relaxed); }
  uint16_t tag(uint32_t slot) const;
  void Clear();
  void CopyFrom(const Bucket& other);
  void Set(uint32_t slot, uint16_t tag, Handle handle);

  /// A bit for each slot whose tag may be `tag`: no slot with the tag is missing, a few others can
  /// be among them.
  uint32_t Match(uint16_t tag) const;
};
static_assert(sizeof(Bucket) == 64);

/// The hash table of one shard: linear hashing, so that it grows and shrinks one bucket at a time
/// and never stops for a rehash. Maps hashes to handles; comparing keys is the caller's part.
/// Buckets live in arena pages: the first few in one that all shards share, and from then on in
/// pages of its own. Guarded by the shard's lock but for the prefetch calls.
///
/// The bucket of a hash is its low `level` bits, or one bit more where that bucket has been split
/// in this round. W. Litwin, "Linear hashing: a new tool for file and table addressing", VLDB 1980.
///
/// A chain has no gaps: buckets behind the first are there only while all before them are full of
/// items. Ghosts stand in the free slots of first buckets, and give way to items. Nor have the
/// overflow buckets in use any gaps between them, so that their last page can be given back.
class Index {
 public:
  /// A place in the table. Valid until the next call that changes the table.
  struct Slot {
    Bucket* bucket = nullptr;
    uint32_t index = 0;
    explicit operator bool() const { return bucket != nullptr; }
    Handle handle() const { return bucket->handle(index); }
  };

  /// Tells the hash of an item that is in the table.
  using HashOf = absl::AnyInvocable<uint64_t(Handle) const>;

  /// So many buckets each has in a shared page, and so many indexes can share one.
  static constexpr uint32_t kStartBuckets = 32;
  static constexpr uint32_t kStartsPerPage = kPageBytes / sizeof(Bucket) / kStartBuckets;

  /// Makes a page that nobody else has one of empty buckets.
  static void AdoptPage(Arena& arena, uint32_t page);

  /// `start_page` was adopted and outlives the index, which is the only one with `start_number`,
  /// below kStartsPerPage. The directory has room for `max_pages` pages of buckets.
  Index(Arena& arena, PagePool& pool, uint32_t start_page, uint32_t start_number,
        uint32_t max_pages, HashOf hash_of);

  /// The first slot for which `matches(handle)` among the items that can have `hash`.
  /// `likely_slot`, of the first bucket, is looked at before all others; kUnknownSlot: none.
  template <typename Matches>
  Slot Find(uint64_t hash, uint32_t likely_slot, Matches&& matches) const;

  /// Replaces the handle in place, for an item that moved.
  void Replace(Slot slot, Handle handle) {
    slot.bucket->handles[slot.index].store(handle, std::memory_order_relaxed);
  }

  /// Makes the next Insert sure to succeed; false if that takes a page and `pages` has none. A
  /// split that is due does not wait for its page unless the pool has none either.
  bool PrepareInsert(uint64_t hash, PageGrant& pages);
  /// Returns the ghost of an item with this hash (or, once in some ten thousand, with one like it),
  /// which it replaces.
  std::optional<Ghost> Insert(uint64_t hash, Handle handle, GhostEpoch now);
  void Erase(uint64_t hash, Slot slot);
  /// Erases and leaves a ghost behind, if there is room for one.
  void Bury(uint64_t hash, Slot slot, Ghost ghost);

  /// Splits one bucket if the load asks for it and memory is at hand: called after each insert.
  void GrowIfLoaded(PageGrant& pages);
  /// The number of the bucket that GrowIfLoaded would split, if any.
  std::optional<uint32_t> NextToSplit() const;
  /// Merges the last bucket into the one that it was split from, if the load is low enough to keep
  /// them so for long, and gives back pages that hold no bucket any more: called after each Erase
  /// or Bury.
  void ShrinkIfSparse(PageGrant& pages);

  /// Calls `visit` for every item of one bucket's chain, for crawling. `bucket_number` is below
  /// bucket_count(). `visit` may erase the item that it was called for.
  void VisitBucket(uint32_t bucket_number, absl::FunctionRef<void(Handle)> visit) const;

  /// Puts hashes in an order in which each bucket's are neighbours, whatever the size of the table:
  /// a bucket has the hashes that end in the same bits, so it is the order of the reversed bits.
  /// Who goes through the places meets each item once, though buckets split and merge meanwhile.
  static uint64_t PlaceOf(uint64_t hash);
  /// The bucket of a place, and the last place that it has at present.
  struct PlaceRange {
    uint32_t bucket;
    uint64_t last;
  };
  PlaceRange RangeAt(uint64_t place) const;

  uint32_t bucket_count() const {
    const Shape now = shape();
    return now.mask + 1 + now.split;
  }
  uint64_t item_count() const { return item_count_; }
  /// Pages of its own.
  uint32_t page_count() const { return bucket_pages_ + overflow_pages_; }
  uint32_t level() const { return shape().level(); }

  /// Without the lock: brings the bucket of `hash` into the cache, and returns it.
  const Bucket* PrefetchBucket(uint64_t hash) const {
    const Bucket* const bucket = BucketFor(hash);
    __builtin_prefetch(bucket);
    return bucket;
  }
  /// Without the lock: brings the item that may belong to `hash` into the cache. `bucket` is what
  /// PrefetchBucket returned: whatever has become of it since, it is a bucket still. Returns the
  /// slot, for Find; kUnknownSlot if there is none in that bucket.
  static uint32_t PrefetchItem(const Arena& arena, const Bucket& bucket, uint64_t hash);

  static uint16_t TagOf(uint64_t hash) { return static_cast<uint16_t>(hash >> 32); }

 private:
  static constexpr uint32_t kBucketShift = kPageShift - 6;
  static constexpr uint32_t kBucketsPerPage = uint32_t{1} << kBucketShift;
  static_assert(std::has_single_bit(kStartBuckets));

  /// How far the table has grown: `mask` + 1 buckets, a power of two, of which the first `split`
  /// have been split. One word, so that a prefetch never sees halves of two states.
  struct Shape {
    uint32_t mask;
    uint32_t split;
    uint32_t level() const { return static_cast<uint32_t>(std::popcount(mask)); }
  };
  // A prefetch that sees the shape sees the pages that it speaks of.
  Shape shape() const { return shape_.load(std::memory_order_acquire); }

  uint32_t BucketNumber(uint64_t hash) const;
  using Directory = ZeroedArray<std::atomic<uint32_t>>;
  // In pages of its own a bucket has the place that it would have in the shared one.
  Bucket* BucketAt(const Directory& directory, uint32_t number) const {
    const uint32_t page = directory[number >> kBucketShift].load(std::memory_order_acquire);
    const uint32_t place = (number + first_place_) & (kBucketsPerPage - 1);
    return reinterpret_cast<Bucket*>(arena_.page(page)) + place;
  }
  Bucket* BucketFor(uint64_t hash) const { return BucketAt(buckets_, BucketNumber(hash)); }
  Bucket* NextOf(const Bucket* bucket) const {
    const uint32_t link = bucket->link.load(std::memory_order_relaxed);
    return link == 0 ? nullptr : OverflowAt(link);
  }
  Bucket* OverflowAt(uint32_t number) const { return BucketAt(overflow_, number); }
  /// Buckets that there is room for.
  uint32_t BucketCapacity() const {
    return bucket_pages_ == 0 ? kStartBuckets : bucket_pages_ * kBucketsPerPage;
  }
  bool EnsureBucketPage(PageGrant& pages);
  /// True when so many more overflow buckets can be used.
  bool EnsureOverflowBuckets(uint32_t count, PageGrant& pages);
  uint32_t TakeOverflowBucket();
  void InsertInto(Bucket* bucket, uint16_t tag, Handle handle);
  /// Moves an item of the chain's last bucket to `gap`, and frees that bucket once it is empty.
  void CloseGap(Bucket* first, Slot gap);
  /// Unlinks the last bucket of a chain of at least two, and frees it: what it held is gone.
  void FreeLastOf(Bucket* first);
  /// The same for all buckets but the first.
  void FreeOverflowOf(Bucket* first);
  /// The bucket whose link is `number`.
  Bucket* LinkTo(uint32_t number) const;

  struct Entry {
    Handle handle;
    uint16_t tag;
  };
  /// The items of a usual chain and a little more.
  using Entries = absl::InlinedVector<Entry, 4 * Bucket::kSlots>;
  void AddItemsOf(const Bucket* bucket, Entries& entries) const;
  void SplitOne();
  void MergeLast(PageGrant& pages);

  Arena& arena_;
  PagePool& pool_;
  const uint32_t first_place_;  // of the shared page
  const uint32_t max_pages_;
  const HashOf hash_of_;
  // page numbers; reserved whole at start, so that they never move under a prefetch
  const Directory buckets_;
  const Directory overflow_;
  std::atomic<Shape> shape_{Shape{kStartBuckets - 1, 0}};
  uint32_t bucket_pages_ = 0;
  uint32_t overflow_pages_ = 0;
  uint32_t overflow_end_ = 1;  // overflow buckets in use are those below; number 0 ends chains
  uint64_t item_count_ = 0;
};

/// A bit for each of four 16-bit lanes that is `tag`; borrowed bits may set that of a lane above
/// one, which only costs a comparison.
inline uint32_t MatchLanes(uint64_t lanes, uint16_t tag) {
  constexpr uint64_t kOnes = 0x0001000100010001;
  const uint64_t differences = lanes ^ (kOnes * tag);
  const uint64_t zeros = (differences - kOnes) & ~differences & (kOnes << 15);
  // Gathers bits 15, 31, 47, 63 into bits 0 to 3.
  return static_cast<uint32_t>(((zeros >> 15) * 0x0001000200040008ULL) >> 48) & 0xfU;
}

/// A bit for each of eight lanes, those of `low` first, that may be `tag`: as Bucket::Match has
/// them. For every processor.
inline uint32_t MatchWords(uint64_t low, uint64_t high, uint16_t tag) {
  return MatchLanes(low, tag) | MatchLanes(high, tag) << 4;
}

#ifdef __SSE2__
/// The same with the vectors that every x86-64 has, and no bit of any other lane.
inline uint32_t MatchVector(uint64_t low, uint64_t high, uint16_t tag) {
  const __m128i tags = _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
  const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<int16_t>(tag)));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
}
#endif

inline uint32_t Bucket::Match(uint16_t tag) const {
  const uint64_t low = tags_low[0].load(std::memory_order_relaxed);
  const uint64_t middle = tags_low[1].load(std::memory_order_relaxed);
  const uint32_t high = tags_high.load(std::memory_order_relaxed);
  const uint32_t in_high =
      ((high & 0xffffU) == tag ? 1U << 8 : 0U) | (high >> 16 == tag ? 1U << 9 : 0U);
#ifdef __SSE2__
  return MatchVector(low, middle, tag) | in_high;
#else
  return MatchWords(low, middle, tag) | in_high;
#endif
}

inline uint32_t Index::BucketNumber(uint64_t hash) const {
  const Shape now = shape();
  const uint32_t number = static_cast<uint32_t>(hash) & now.mask;
  return number >= now.split ? number : static_cast<uint32_t>(hash) & (now.mask * 2 + 1);
}

template <typename Matches>
[[gnu::always_inline]] inline Index::Slot Index::Find(uint64_t hash, uint32_t likely_slot,
                                                      Matches&& matches) const {
  Bucket* const first = BucketFor(hash);
  if (likely_slot != kUnknownSlot) {
    const Handle handle = first->handle(likely_slot);
    if (IsItem(handle) && matches(handle)) [[likely]] {
      return {first, likely_slot};
    }
  }
  for (Bucket* bucket = first; bucket != nullptr; bucket = NextOf(bucket)) {
    uint32_t candidates = bucket->Match(TagOf(hash));
    while (candidates != 0) {
      const auto slot = static_cast<uint32_t>(__builtin_ctz(candidates));
      const Handle handle = bucket->handle(slot);
      if (IsItem(handle) && matches(handle)) {
        return {bucket, slot};
      }
      candidates &= candidates - 1;
    }
  }
  return {};
}

}  // namespace quarry::core
