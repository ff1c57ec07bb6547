#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "core/arena.h"
#include "core/base/cache_line.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/chunk_list.h"
#include "core/chunk_states.h"
#include "core/donor.h"
#include "core/engine_stats.h"
#include "core/expiry_pages.h"
#include "core/index.h"
#include "core/item.h"
#include "core/item_list.h"
#include "core/large_turns.h"
#include "core/large_value.h"
#include "core/listing.h"
#include "core/operations.h"
#include "core/page_pool.h"
#include "core/read_counters.h"
#include "core/shard_environment.h"
#include "core/slab_class.h"
#include "core/slab_classes.h"

namespace quarry::core {

/// The hash of a key: its upper bits choose the shard, the others the place in the shard's index.
uint64_t HashKey(std::string_view key, uint64_t seed);

/// One part of the store: index, slab classes, LRU lists, counters and the lock that guards them
/// all.
///
/// An operation that needs a page which neither `pages` nor the pool has at hand returns nullopt:
/// nothing was changed, and it is to be repeated, lock released and taken again, with a page in
/// `pages` (see Engine::Run). Pages that an operation frees go into `pages`.
// The lock and the index have lines of their own on purpose.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
class Shard {
 public:
  /// `lists`: an empty one for each LRU list of the classes.
  Shard(const ShardEnvironment& environment, std::span<ItemList> lists, uint16_t shard_index);
  ~Shard() = default;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  Mutex& mutex() const ABSL_LOCK_RETURNED(mutex_) { return mutex_; }

  /// Without the lock.
  uint32_t bucket_count() const { return index_.bucket_count(); }
  const Bucket* PrefetchBucket(uint64_t hash) const { return index_.PrefetchBucket(hash); }
  /// Turns since the last use of the large item next to be evicted; nullopt: there is none.
  std::optional<uint32_t> OldestLargeTurns() const;

  // Operations, as Engine describes them.

  /// A hit of Get.
  struct Hit {
    Fetched fetched;            ///< its views live until the lock is released
    Handle pinned = kNoHandle;  ///< the head of a large item that was pinned for the caller
  };
  /// Counts in `reads`, and fills `hit` if that is the outcome.
  std::optional<GetOutcome> Get(const Key& key, const GetOptions& options, Instant now,
                                PageGrant& pages, ReadCounters& reads, Hit& hit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  template <uint32_t kOtherFlags, typename Visitor>
  std::optional<GetOutcome> GetSmall(const Key& key, Instant now, ReadCounters& reads,
                                     Visitor&& visit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// The bytes of the large value that such a Get would be the first to pin; 0: it would pin none,
  /// or one that is pinned already. Changes nothing that anybody sees.
  uint64_t BytesToPin(const Key& key, const GetOptions& options, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Stores a small value; `needs_upload` where append or prepend meets a large one or makes one.
  struct StoreAttempt {
    StoreResult result;
    bool needs_upload = false;
  };
  std::optional<StoreAttempt> Store(const Key& key, const StoreOptions& options,
                                    std::string_view value, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::optional<DeleteOutcome> Delete(const Key& key, const DeleteOptions& options, Instant now,
                                      PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::optional<ArithmeticResult> Arithmetic(const Key& key, const ArithmeticOptions& options,
                                             Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Counts a store that was refused. Where `options` says so, what it would have replaced goes.
  void RefuseTooLarge(const Key& key, const StoreOptions& options, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RefuseNoMemory(const Key& key, const StoreOptions& options, uint64_t value_bytes,
                      Instant now, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Large items.

  /// Memory for an item of this plan but for its whole pages: a detached head, which nobody finds.
  std::optional<Handle> AllocateLarge(const Key& key, uint64_t value_bytes, const LargePlan& plan,
                                      Instant now, LargeChunks& chunks, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Gives back what AllocateLarge has gathered, if it did not come to its end.
  void FreeChunks(const LargeChunks& chunks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Gives back a detached head and all that hangs on it.
  void FreeLarge(Handle head, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The same for an upload, which has so many of its value's pages beside the head's.
  void FreeUpload(Handle head, uint32_t page_count, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Makes a detached head the item of `key`, if the options' conditions hold and, where
  /// `expected_sequence` is not 0, the present item still has that sequence (kExists if not). An
  /// append or prepend with 0 expects that there is no item (kExists if there is one). The head
  /// stays the caller's on any outcome but kStored.
  std::optional<StoreResult> CommitLarge(const Key& key, const StoreOptions& options, Handle head,
                                         uint64_t expected_sequence, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// The item an append to a large value starts from, pinned if it is large, else copied.
  struct AppendBase {
    bool found = false;
    bool cas_matches = true;  ///< if not, it is neither, and the append is counted as failed
    uint64_t sequence = 0;
    uint64_t value_bytes = 0;
    Handle pinned = kNoHandle;  ///< of a large item; the value of a small one is in `copy`
  };
  AppendBase FindForAppend(const Key& key, const StoreOptions& options, Instant now, char* copy,
                           PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Unpin(Handle head, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Memory under pressure.

  /// How many items a list has.
  uint64_t item_count(uint32_t list_index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return lists_[list_index].lru.size();
  }

  /// Where this shard could best give up a page: a slab class with a page that holds nothing, or
  /// else the LRU list whose last item is the oldest.
  Donor FindDonor(Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// What one list or its class could give up.
  Donor DonorOf(uint32_t list_index, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Moves a page that holds nothing into `pages`, if that has none. False if there is none.
  bool TakeEmptyPage(Instant now, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Empties a page of one list or its class into `pages`: one without items if there is one, or
  /// else one of the last items. False if what was looked at is held by uploads or readers: it has
  /// gone to the front of the list, at least kLeastPassedItems if there are so many.
  bool EmptyPageOf(uint32_t list_index, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  static constexpr uint32_t kLeastPassedItems = 8;

  /// Adds a page without items to a slab class, which it stays with until another asks for it.
  void AddEmptyPage(uint32_t class_index, uint32_t page) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Items that have ended or were flushed (shard_expiry.cc).

  /// Who frees them, for the counters.
  enum class Reclaimer : uint8_t {
    kStore,    ///< who needs their memory
    kCrawler,  ///< the background
  };

  /// Looks through one page that is due for items that have ended, and frees some dozen of them at
  /// most. False if there is nothing left to do in this second.
  bool FreeDueItems(Reclaimer by, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Merges up to so many buckets of an index that has become too large; true if it did.
  bool ShrinkIndexBy(uint32_t bucket_count, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// True until every item that was flushed is freed.
  bool is_sweeping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return flushed_; }

  /// Frees the expired and flushed items of at most `bucket_count` index buckets, going on where
  /// the last call ended.
  void Crawl(uint32_t bucket_count, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// What a crawl that was asked for has still to look at.
  struct CrawlScope {
    std::vector<uint64_t> items_left;    ///< of each list
    uint32_t buckets_left = UINT32_MAX;  ///< of the present shard: those below; all

    /// Counts an item of the list; false if it is not to be looked at.
    bool Take(uint32_t list_index) {
      uint64_t& left = items_left[list_index];
      return left > 0 && left-- > 0;
    }
    /// True when no item of any list is to be looked at.
    bool IsDone() const {
      return std::all_of(items_left.begin(), items_left.end(),
                         [](uint64_t left) { return left == 0; });
    }
  };
  /// The same as Crawl for the buckets and the lists of `scope`. False when it is through.
  bool CrawlFor(CrawlScope& scope, uint32_t bucket_count, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// As Engine describes them; Walk from `place` on, false at the end of this shard.
  Presence Peek(const Key& key, Instant now, absl::FunctionRef<void(const Listing&)> visit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Walk(uint64_t& place, uint32_t bucket_count, Instant now, ListingVisitor visit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Flush(Expiry at, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// Adds this shard to a snapshot. `classes` has an element for each list.
  void AddStats(EngineStats& stats, std::vector<ClassStats>& classes, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ResetStats() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

 private:
  /// A look at a page that is due. It may take several lock holds.
  struct ExpiryLook {
    uint32_t page = 0;  ///< 0: none is under way
    uint32_t next_chunk = 0;
    uint32_t freed_count = 0;
    Expiry earliest_large = kNever;
    std::vector<Expiry> living;  ///< when the small items end that were seen
  };

  /// A small value on its way from one chunk to another.
  using ValueCopy = std::array<char, kMaxSmallValueBytes>;

  /// What an item is to become: see Write.
  struct ItemContent {
    uint32_t client_flags = 0;
    Expiry expiry = kNever;
    uint64_t client_cas = 0;  ///< 0: none
    uint64_t sequence = 0;
    uint32_t marks = 0;  ///< fetched, stale, won, base64 key
    std::string_view value;
  };

  /// Seconds since the last access, up to 48 days, where it begins anew; 0 where another worker's
  /// clock reading was a little ahead.
  static uint32_t IdleSeconds(const Item& item, Instant now) {
    const uint32_t idle = (now.floor_sec - item.last_access) & kAccessTimeMask;
    constexpr uint32_t kMostAheadSec = 1024;
    return idle <= kAccessTimeMask - kMostAheadSec ? idle : 0;
  }
  Item& At(Handle handle) const { return *reinterpret_cast<Item*>(environment_.arena.At(handle)); }
  LargeValue& LargeAt(Handle head) const { return *LargeValueOf(&At(head)); }

  // Finding (shard.cc).
  Index::Slot Find(const Key& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The same for an item that lives; one that does not is freed on the way.
  Index::Slot FindLive(const Key& key, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFlushed(const Item& item) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t HashOf(const Item& item) const { return HashKey(item.key(), environment_.hash_seed); }
  /// The slot of a linked item.
  Index::Slot SlotOf(Handle handle, uint64_t hash) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFlat() const { return environment_.flat_lru.load(std::memory_order_relaxed); }
  bool IsDead(const Item& item, Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return HasExpired(item.expiry(), now) || IsFlushed(item);
  }
  /// Whether an item has so little time left that it is to be in the temporary queue.
  bool IsTemporary(const Item& item, Instant now) const {
    const int64_t longest_sec = environment_.temporary_ttl_sec.load(std::memory_order_relaxed);
    return longest_sec >= 0 && item.expiry() != kNever &&
           item.expiry() <= now.ceil_sec + longest_sec && !IsFlat();
  }
  void ApplyDueFlush(Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (HasExpired(flush_at_, now)) [[unlikely]] {
      FlushNow();
    }
  }
  void FlushNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CasMatches(const Item& item, uint64_t cas) const {
    return environment_.cas_enabled && item.cas() == cas;
  }
  uint64_t NextSequence() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Fills a new view with a linked item of that list.
  void Show(Item& item, uint32_t list_index, ItemView& view) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The LRU list of an item.
  uint32_t ListOf(Item& item, Handle handle) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t ListOf(Handle handle) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ListOf(At(handle), handle);
  }
  void DropOld(const Key& key, const StoreOptions& options, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// What an item takes of its chunks and pages, but for the words of a small one.
  uint64_t ItemBytesOf(Handle handle) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ItemList& ListFor(Handle handle) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return lists_[ListOf(handle)];
  }

  // Operations' parts (shard_get.cc, shard_store.cc, shard_update.cc).
  /// Whether a store's conditions hold for `old`: kStored if so. `stale` tells that it may only be
  /// stored as a stale item.
  StoreOutcome Judge(const StoreOptions& options, Index::Slot old, bool& stale) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountStored(uint32_t list_index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// `item`: the stored one, or the one that stood in the way, or kNoHandle.
  void CountStore(const StoreOptions& options, StoreOutcome outcome, bool stale, Handle item)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ItemContent ContentFor(const StoreOptions& options, Index::Slot old, bool stale)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool WillPin(const Item& item, const GetOptions& options) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Win DecideWin(Item& item, const GetOptions& options, Expiry expiry_before, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Listing ListingOf(Handle handle, Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteUse(Item& item, Handle handle, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteAccess(Item& item, Handle handle, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Adds what all readers have counted to the list's counters; or to all, misses included.
  void CollectReads(uint32_t list_index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CollectAllReads() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<GetOutcome> Vivify(const Key& key, const GetOptions& options, Instant now,
                                   PageGrant& pages, ReadCounters& reads, Fetched& fetched)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Gives the item an expiry, moving it where its header has no room: returns its handle.
  std::optional<Handle> SetExpiry(const Key& key, Index::Slot slot, Expiry expiry, Instant now,
                                  PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ItemContent Join(const Item& old, const StoreOptions& options, const ItemContent& added,
                   char* copy) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<DeleteOutcome> LeaveBehind(const Key& key, const DeleteOptions& options,
                                           Index::Slot slot, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The content of a small item, its value copied to `copy` (room for the largest small value).
  ItemContent Copy(const Item& item, char* copy) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ArithmeticResult CountOn(const Item& item, const ArithmeticOptions& options, char* copy,
                           ItemContent& content) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  uint32_t FlagsOf(const ItemContent& content) const;
  /// The slab class of a small item.
  uint32_t ClassOf(const Key& key, uint32_t flags, uint64_t value_bytes) const;
  /// Gives a chunk of that class all that makes it an item, but its place in a list.
  static void Fill(Item& item, const Key& key, const ItemContent& content, uint32_t flags,
                   Instant now);
  /// Writes over an item of that class, which counts as a use of it, whatever it is written for.
  void Overwrite(const Key& key, Handle handle, uint32_t class_index, const ItemContent& content,
                 uint32_t flags, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// A plain set of an item that is there: its CAS, or nullopt if it cannot stay in its class.
  std::optional<uint64_t> SetInPlace(const Key& key, Handle handle, const StoreOptions& options,
                                     std::string_view value, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Writes a small item, over `old` if it stays in its class. Its value lies in no item's memory.
  std::optional<Handle> Write(const Key& key, Index::Slot old, const ItemContent& content,
                              Instant now, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Puts a written, detached item into the index (in place of `old`, which is released) and its
  /// list.
  void Link(const Key& key, Index::Slot old, Handle handle, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The queue for a new item, which `returns` if it was protected or evicted too early.
  SegmentedLru::Queue QueueFor(Handle handle, bool returns, Instant now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  /// A page for the end of a value, with a head behind it; kNoHandle if there is none.
  Handle TakeHeadPage(uint32_t head_bytes, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// True for such a page.
  bool IsHeadPage(uint32_t page) const { return environment_.arena.info(page).has_head; }
  /// Makes the gathered chunks a detached item without its value.
  void AssembleLarge(const Key& key, uint64_t value_bytes, const LargePlan& plan,
                     const LargeChunks& chunks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static bool IsInLargeList(Item& item);
  /// Makes an item of the large list the newest of it: that list is in the exact order of use.
  void NoteLargeUse(Handle head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// To be called when the large list has changed.
  void PublishLargeTail() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Counts one more reader of a large item; returns its handle.
  Handle Pinned(Handle head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Memory (shard_memory.cc).
  void Remove(uint64_t hash, Index::Slot slot, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Lets the index follow the number of items up, after an insert.
  void GrowIndex(PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Takes an item that has left the index out of its list, and frees it once nobody has it pinned.
  void Release(Handle handle, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// A chunk of the class: a free one, one of a new page, or one that evicting from the class's
  /// list frees.
  Handle AllocateChunk(uint32_t class_index, Instant now, PageGrant& pages,
                       bool may_rebalance = true) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Where the class has a free or a fresh one.
  Handle TakeFreeChunk(uint32_t class_index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FreeChunk(Handle handle) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool EvictFrom(uint32_t list_index, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The item of a list that is to go next, or kNoHandle: those that were used pass to where their
  /// uses have earned them a place.
  Handle ChooseVictim(ItemList& list, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// The item that is the next to be looked at for that. The list is not empty.
  Handle NextInTurn(const ItemList& list, Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Evict(Handle handle, Instant now, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Lets the counts of what happened of late fade, and ghosts age, with the evictions.
  void CountToNextEpoch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Brings an item that cannot be evicted now, though it is its turn, to the front.
  void Postpone(Handle handle) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsPinned(Handle handle) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// A page whose chunks have never been used, for a class that has no other of that kind.
  void AddPage(uint32_t class_index, uint32_t page) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// What a page is once it belongs to a class.
  void AssignPage(uint32_t class_index, uint32_t page) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Pages that change their list (shard_pages.cc).
  /// Counts an eviction; true when enough have come together to look for a page elsewhere.
  bool IsTimeToRebalance(uint32_t list_index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Brings a page into `pages` if it is worth more here than where it is.
  void Rebalance(uint32_t list_index, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// What a byte more or less for this list is worth: hits, over about the time in which as much is
  /// evicted as the shard holds.
  double ValueOfBytes(uint32_t list_index, const Donor& tail) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t MeanItemBytes(uint32_t list_index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Donor TailOf(uint32_t list_index, Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// A page of the class without a used chunk, or 0.
  uint32_t FindEmptyPage(uint32_t class_index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Brings the items of that list that are on the page to the front; returns how many.
  uint32_t PostponePage(uint32_t page, uint32_t list_index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Frees a page that a linked, unpinned item is on, or the pages that it is made of.
  bool EmptyPageOfItem(Handle handle, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CanEmptyPage(uint32_t page, Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool EmptyPage(uint32_t page, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t UsedChunkLimit(uint32_t page) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsWorthRescue(Handle handle, Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Rescue(Handle chunk, Instant now, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellParts(Handle head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Expiry (shard_expiry.cc).
  /// So many items of a page must have ended before it is looked through.
  uint32_t ExpiryQuorum(uint32_t page) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// To be called when an item has got an expiry or another place.
  void NoteExpiry(Handle handle) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// To be called when a page is given away.
  void ForgetExpiries(uint32_t page) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool BeginLook(Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLook() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Frees ended items until the class has a free chunk or `pages` a page; false after a hundred.
  bool MakeRoomFromDue(uint32_t class_index, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// Frees an item that has ended or was flushed.
  void Reclaim(Handle handle, Reclaimer by, PageGrant& pages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  /// `scope`: null for all items.
  void CrawlBucket(uint32_t bucket, CrawlScope* scope, Instant now, PageGrant& pages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Constant after construction.
  const ShardEnvironment environment_;
  const uint16_t shard_index_;
  const ChunkStates chunk_states_;

  // Guarded by the lock: on its cache line is what every read looks at, and what stores do; the
  // index is also read by prefetches without it.
  alignas(kCacheLineBytes) mutable Mutex mutex_;
  Expiry flush_at_ ABSL_GUARDED_BY(mutex_) = kNever;
  uint64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;    // of the last update, 40 bits
  uint64_t flush_mark_ ABSL_GUARDED_BY(mutex_) = 0;  // items up to this sequence are gone
  bool flushed_ ABSL_GUARDED_BY(mutex_) = false;  // flush_mark_ holds; until the crawl is through
  GhostEpoch ghost_epoch_ ABSL_GUARDED_BY(mutex_);
  uint32_t draining_page_ ABSL_GUARDED_BY(mutex_) = 0;    // no chunk of it is handed out
  uint64_t epoch_evictions_ ABSL_GUARDED_BY(mutex_) = 0;  // since the ghosts' epoch advanced
  uint64_t pinned_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t noted_page_count_ ABSL_GUARDED_BY(mutex_) = 0;             // of all classes' empty_pages
  uint32_t crawl_buckets_left_ ABSL_GUARDED_BY(mutex_) = UINT32_MAX;  // those below; all
  uint32_t poor_looks_left_ ABSL_GUARDED_BY(mutex_) = 0;              // in this second
  uint32_t poor_looks_since_sec_ ABSL_GUARDED_BY(mutex_) = 0;
  alignas(kCacheLineBytes) Index index_;
  std::vector<SlabClass> classes_ ABSL_GUARDED_BY(mutex_);
  const std::span<ItemList> lists_ ABSL_GUARDED_BY(mutex_);
  ShardCounters counters_ ABSL_GUARDED_BY(mutex_);
  ExpiryPages expiry_pages_ ABSL_GUARDED_BY(mutex_);
  ExpiryLook look_ ABSL_GUARDED_BY(mutex_);

  // The turn of the last item of the large list, with kHasLarge; 0 where there is none. Written
  // under the lock, read without it. Released and acquired, so that who sees a turn sees it counted
  // as well (LargeTurns): less than none since would look like the longest time of all.
  static constexpr uint64_t kHasLarge = uint64_t{1} << 32;
  std::atomic<uint64_t> large_tail_{0};
};

}  // namespace quarry::core
