#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "core/admission.h"
#include "core/arena.h"
#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/crawler.h"
#include "core/engine_stats.h"
#include "core/index.h"
#include "core/large_value.h"
#include "core/listing.h"
#include "core/operations.h"
#include "core/page_pool.h"
#include "core/pin.h"
#include "core/read_counters.h"
#include "core/shard.h"
#include "core/slab_classes.h"
#include "core/upload.h"

namespace quarry::core {

class EvictionObserver;

struct EngineOptions {
  static constexpr uint64_t kMinMemoryBytes = uint64_t{8} << 20;
  static constexpr uint32_t kMaxShards = 64;
  /// More would cost a shard, which collects what they have counted, too much at a time.
  static constexpr uint32_t kMaxReaders = 8;
  /// All pages that handles can tell apart, but for number 0 and those where the indexes begin.
  static constexpr uint64_t kMaxMemoryBytes =
      uint64_t{kMaxPages - 1 - kMaxShards / Index::kStartsPerPage} << kPageShift;
  static constexpr uint64_t kMinItemLimitBytes = uint64_t{1} << 20;
  static constexpr uint64_t kMaxItemLimitBytes = uint64_t{50} << 20;
  /// 4096 bytes behind the header: still a small chunk.
  static constexpr uint32_t kMostMinChunkBytes = 4096 + sizeof(Item);

  uint64_t memory_bytes = uint64_t{64} << 20;
  uint64_t max_memory_bytes = 0;  ///< what the limit can be raised to; 0: to no more than it is
  uint64_t max_item_bytes = kMinItemLimitBytes;   ///< key + value + kItemOverheadBytes
  bool evict = true;                              ///< false: a full memory refuses (-M)
  bool cas_enabled = true;                        ///< false: CAS reads as 0 and never matches (-C)
  double growth_factor = 1.04;                    ///< from one slab class to the next
  uint32_t min_chunk_bytes = 32;                  ///< the smallest slab class, its header included
  uint32_t shard_count = 0;                       ///< a power of two up to 64; 0: by the memory
  uint32_t reader_count = 1;                      ///< how many threads have counters of their own
  EvictionObserver* eviction_observer = nullptr;  ///< outlives the engine; null: none
  uint64_t hash_seed = 0;                         ///< 0: from the system's random source
};

/// The sharded store of items. All methods are safe on any thread; each takes one shard's lock at a
/// time and never holds two. Keys come from MakeKey; `now` is the batch's moment.
class Engine {
 public:
  static constexpr size_t kMaxSmallValueBytes = core::kMaxSmallValueBytes;

  /// Reserves the memory. InvalidArgument names the option that is out of range; ResourceExhausted
  /// tells that the system does not give the memory.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// `bytes` stays borrowed: 1 to kMaxKeyBytes bytes.
  Key MakeKey(std::string_view bytes) const { return {bytes, HashKey(bytes, hash_seed_)}; }

  /// Hints before a batch is executed: first the bucket of every key, then the item of every key,
  /// which needs what the first has left in it.
  void PrefetchBucket(Key& key) const { key.bucket = ShardFor(key).PrefetchBucket(key.hash); }
  void PrefetchItem(Key& key) const {
    QUARRY_DCHECK(key.bucket != nullptr);
    key.likely_slot = Index::PrefetchItem(*arena_, *key.bucket, key.hash);
  }

  /// The counters for what the thread of that number reads. Those of one may be used by others as
  /// well, and are where the numbers go beyond EngineOptions::reader_count: that costs only time.
  ReadCounters& read_counters(uint32_t reader) {
    return read_counters_[reader % read_counters_.size()];
  }

  /// Counts in `reads`. Calls `visit(const Fetched&, Pin)` for a hit, under the shard's lock: it
  /// must not allocate, block or call the engine. The Pin holds a large item's bytes if they were
  /// asked for, and is empty otherwise. kNoMemory: a vivified item or a longer header found no
  /// room; nothing was changed. kMustWait: too much is pinned already; nothing was done, `ticket`
  /// has a place in the queue, and the call is to be repeated after its wake. On any other outcome
  /// the ticket holds nothing afterwards.
  template <typename Visitor>
  GetOutcome Get(const Key& key, const GetOptions& options, Instant now, AdmissionTicket& ticket,
                 ReadCounters& reads, Visitor&& visit);

  /// The same with the default options, for what nearly every get finds: `visit(const SmallHit&)`
  /// is called for a small item without any of `kOtherFlags`. nullopt: nothing was done, and Get is
  /// to be called. Defined in core/small_get.h, to be compiled into its caller.
  template <uint32_t kOtherFlags = 0, typename Visitor>
  std::optional<GetOutcome> GetSmall(const Key& key, Instant now, ReadCounters& reads,
                                     Visitor&& visit);

  /// As Get, for those who have no counters, and do not wait: kMustWait leaves no trace.
  template <typename Visitor>
  GetOutcome Get(const Key& key, const GetOptions& options, Instant now, Visitor&& visit) {
    AdmissionTicket ticket;
    return Get(key, options, now, ticket, read_counters(0), std::forward<Visitor>(visit));
  }

  /// Stores a value of at most kMaxSmallValueBytes.
  StoreResult Store(const Key& key, const StoreOptions& options, std::string_view value,
                    Instant now);

  /// True when key and value exceed the item limit. The caller then calls RefuseTooLarge.
  bool IsTooLarge(size_t key_bytes, uint64_t value_bytes) const {
    return key_bytes + value_bytes + kItemOverheadBytes > options_.max_item_bytes;
  }

  /// Counts a store that was refused for its size, or because its upload of `value_bytes` found no
  /// memory, and sees to what it leaves behind: where `options` says so, the old value goes.
  void RefuseTooLarge(const Key& key, const StoreOptions& options, Instant now);
  void RefuseNoMemory(const Key& key, const StoreOptions& options, uint64_t value_bytes,
                      Instant now);

  /// Asks for the memory of a value of `value_bytes` that is to arrive: true when `ticket` holds
  /// it, as Admission::Admit tells. To be kept until the upload has been stored or dropped.
  bool AdmitUpload(AdmissionTicket& ticket, uint64_t value_bytes);

  /// The ledger of uploads and pins.
  Admission& admission() { return admission_; }

  /// Starts an upload for `key`. An empty Upload means that no memory could be had.
  Upload BeginUpload(const Key& key, uint64_t value_bytes, Instant now);

  /// Stores an upload whose bytes have all arrived. Conditions, clock and sequence are those of
  /// now.
  StoreResult Store(const Key& key, const StoreOptions& options, Upload upload, Instant now);

  DeleteOutcome Delete(const Key& key, const DeleteOptions& options, Instant now);
  ArithmeticResult Arithmetic(const Key& key, const ArithmeticOptions& options, Instant now);

  /// Drops every item stored before this call (at == kNever) or before the moment `at`, which
  /// replaces a flush that is still to come.
  void Flush(Expiry at, Instant now);

  /// Frees the memory of items that have expired, some of that of flushed ones, and goes on with
  /// the crawl that was asked for; only the flushed ones where the crawler is switched off. To be
  /// called about once a second. Holds no lock for more than the work on one page or a few dozen
  /// items.
  void Maintain(Instant now);
  /// The same in parts, for each shard from 0 on: true while there is more to do for this one.
  bool MaintainShard(uint32_t shard_index, Instant now);
  uint32_t shard_count() const { return shard_mask_ + 1; }

  /// Changes the memory limit, in bytes. OutOfRange: less than EngineOptions::kMinMemoryBytes,
  /// twice the item limit, or what the shards need to take an item of any size; or more than there
  /// is address space for; nothing was changed. A lower limit is reached as GiveBackSurplus is
  /// called, and as what is being sent or is arriving has ended.
  absl::Status SetMemoryLimit(uint64_t bytes);
  uint64_t max_item_bytes() const { return options_.max_item_bytes; }
  uint64_t memory_limit() const { return memory_limit_.load(std::memory_order_relaxed); }
  /// After the limit was lowered: evicts until a few more pages are free, and gives them back to
  /// the system. True if there is more to do and it is worth going on at once; false also where all
  /// else is held by uploads and readers, or by items that must not be evicted. To be called about
  /// once a second, and again while it returns true.
  bool GiveBackSurplus(Instant now);

  /// Starts to free, in the background, the expired and flushed items of these classes (the ids of
  /// ClassStats, each from 1 to class_count()).
  CrawlOutcome StartCrawl(std::span<const uint32_t> class_ids, Instant now);
  uint32_t class_count() const { return classes_.list_count(); }
  /// The background's switch and pace.
  Crawler& crawler() { return crawler_; }

  /// Plain LRU (flat) instead of segmented LRU, from now on.
  void SetFlatLru(bool flat) { flat_lru_.store(flat, std::memory_order_relaxed); }
  bool flat_lru() const { return flat_lru_.load(std::memory_order_relaxed); }

  /// Items stored from now on with at most so many seconds to live are temporary: reads do not
  /// promote them, and they are left to expire, as long as they are not more than a fifth of a
  /// class's items in a full memory. What a touch has made temporary, or no longer so, changes its
  /// place when it is next looked at for eviction. nullopt (the default): no item is. Means nothing
  /// in plain LRU.
  void SetTemporaryTtl(std::optional<uint32_t> longest_sec) {
    temporary_ttl_sec_.store(longest_sec ? int64_t{*longest_sec} : -1, std::memory_order_relaxed);
  }
  std::optional<uint32_t> temporary_ttl_sec() const {
    const int64_t sec = temporary_ttl_sec_.load(std::memory_order_relaxed);
    return sec < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(sec));
  }

  /// Lets pages move to the sizes where they bring more hits (the default), or leaves them where
  /// they are. A store for which its own class has no room takes a page in any case.
  void SetRebalancing(bool on) { rebalancing_.store(on, std::memory_order_relaxed); }
  bool rebalancing() const { return rebalancing_.load(std::memory_order_relaxed); }

  /// Moves one page from the slab class `from` (nullopt: any but `to`) to the slab class `to`
  /// (nullopt: to the pool, for whoever needs it next). What has shown its worth on that page moves
  /// into the room of its class's next victims, the rest is evicted. False: no page could be
  /// emptied, since there is none, or what was looked at is arriving, being read, or not to be
  /// evicted (-M). The two differ. Takes the lock of one shard after the other.
  bool MovePage(std::optional<uint32_t> from, std::optional<uint32_t> to, Instant now);

  /// What there is of `key`; shows it to `visit` if that is a live item, under the shard's lock, so
  /// that `visit` must not allocate, block or call the engine. Counts and changes nothing.
  Presence Peek(const Key& key, Instant now, absl::FunctionRef<void(const Listing&)> visit);

  /// Goes on with a walk over all items: shows those of the next `bucket_count` index buckets to
  /// `visit`, under one shard's lock, or fewer if it takes no more. False when the walk is through.
  /// An item that lives throughout the walk is taken exactly once, however the index grows and
  /// shrinks meanwhile; others at most once for each time they were stored.
  bool Walk(WalkPosition& position, uint32_t bucket_count, Instant now, ListingVisitor visit);

  EngineStats Stats(Instant now) const;
  void ResetStats();

  const SlabClasses& slab_classes() const { return classes_; }

 private:
  friend class Pin;
  friend class Upload;

  /// An append that other stores than appends keep overtaking gives up after so many tries.
  static constexpr int kMaxJoinAttempts = 64;
  static constexpr size_t kJoinMutexes = 64;
  /// This part of the memory is never claimed by uploads and pins: small items go on living in it.
  static constexpr uint64_t kUnclaimedPart = 32;
  /// A shard's index that has items keeps a page of buckets and one of overflow buckets.
  static constexpr uint32_t kLeastIndexPages = 2;

  /// With address space for a limit of `max_memory_bytes`.
  static absl::StatusOr<std::unique_ptr<Engine>> CreateWithin(uint64_t max_memory_bytes,
                                                              const EngineOptions& options,
                                                              uint64_t hash_seed);
  Engine(const EngineOptions& options, std::unique_ptr<Arena> arena, uint64_t max_memory_bytes,
         uint32_t shard_count, uint64_t hash_seed);

  uint32_t ShardIndexFor(const Key& key) const {
    return static_cast<uint32_t>(key.hash >> 58) & shard_mask_;
  }
  Shard& ShardFor(const Key& key) const { return *shards_[ShardIndexFor(key)]; }

  /// Repeats `operation(shard, pages)`, under the shard's lock, until it has the pages it needs:
  /// between two tries the lock is released and a page taken from the pool or a donor. nullopt: no
  /// page could be had, which is counted.
  template <typename Operation>
  std::invoke_result_t<Operation, Shard&, PageGrant&> Run(Shard& shard, Instant now,
                                                          Operation&& operation);
  /// Puts at least one page into `pages`: the pool's, or one emptied for it. False if none can be
  /// had.
  bool Obtain(PageGrant& pages, Instant now);
  bool EmptyAnyPage(PageGrant& pages, Instant now);
  /// The same in one shard: of any list, and however many of its pages are held.
  void EmptyAnyPageOf(Shard& shard, Instant now, PageGrant& pages);
  void EmptyBestDonor(PageGrant& pages, Instant now);
  /// MovePage for one class of one shard.
  bool MovePageWithin(Shard& shard, uint32_t from, std::optional<uint32_t> to, Instant now);
  /// Frees items of the shard that have ended until that brings a page; false if it did not.
  bool FreeDuePage(Shard& shard, Instant now, PageGrant& pages);
  /// The shard whose large items have waited longest for a use; any, if there is none.
  Shard& ShardWithOldestLarge() const;

  /// Sees to it that the first `wanted_count` pages of an upload's value are there, as far as it
  /// has so many and they are to be had at little cost; one more in any case, if there is any.
  void TakeValuePages(uint32_t wanted_count, Upload& upload);
  void DropUpload(const Upload& upload);
  void Unpin(uint32_t shard_index, Handle head);

  /// What a large value claims, whatever its key: its pages, and one page for each chunk that it
  /// may have beside them, which is kept from being emptied by it.
  uint64_t ClaimBytes(uint64_t value_bytes) const;
  /// The least limit with which an item of any size can be stored.
  uint64_t LeastMemoryBytes() const;
  /// Tells the pool how many pages the limit allows; more while what is being sent or is arriving
  /// claims more.
  void UpdatePoolLimit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(limit_mutex_);
  /// Lets indexes that are too large shrink by a bounded number of buckets; true if any did.
  bool ShrinkIndexes();
  /// What uploads and pins may claim in all at present.
  uint64_t ClaimableBytes() const;
  /// What is never claimed: the indexes, and a part for small items.
  uint64_t UnclaimedBytes() const;
  /// The share of the memory that is kept for uploads.
  uint64_t UploadShareBytes() const;
  /// Tells the ledger what there is to claim now.
  void UpdateAdmission() {
    const MutexLock lock(limit_mutex_);
    admission_.SetShares(UploadShareBytes(), ClaimableBytes());
  }
  /// True when a Get may pin what it finds: there is room for any pins that can begin at the same
  /// time, at most one under each shard's lock; or for this one, which `ticket` then holds.
  bool AdmitPin(Shard& shard, const Key& key, const GetOptions& options, Instant now,
                AdmissionTicket& ticket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex()) {
    if (largest_claim_bytes_.load(std::memory_order_relaxed) * shards_.size() <=
        admission_.pin_headroom()) [[likely]] {
      ticket.Release();
      return true;
    }
    return AdmitPinOf(shard, key, options, now, ticket);
  }
  bool AdmitPinOf(Shard& shard, const Key& key, const GetOptions& options, Instant now,
                  AdmissionTicket& ticket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex());
  /// Enters a pin that has just been counted, under the shard's lock: the first of its item claims
  /// its bytes, which `ticket` may hold already.
  void ClaimPin(Handle head, AdmissionTicket& ticket);

  LargeValue& LargeAt(Handle head) const {
    return *LargeValueOf(reinterpret_cast<Item*>(arena_->At(head)));
  }
  ValuePieces PiecesOf(Handle head) const { return {*arena_, LargeAt(head)}; }

  /// Append and prepend of an upload.
  StoreResult Join(const Key& key, const StoreOptions& options, Upload& upload, Instant now);
  /// Append and prepend where the result is a large item: the present value and `added` are copied
  /// into an upload, outside the shard's lock, and stored if the item is still the same.
  struct JoinAttempt {
    std::optional<StoreResult> result;  ///< nullopt: there is no item, or another one by now
    bool exists = false;
    uint64_t copied_bytes = 0;
  };
  JoinAttempt TryJoin(const Key& key, const StoreOptions& options,
                      std::span<const std::string_view> added, Instant now);
  /// Shard::CommitLarge. The upload is empty afterwards if it was stored.
  StoreResult Commit(const Key& key, const StoreOptions& options, Upload& upload,
                     uint64_t expected_sequence, Instant now);

  const EngineOptions options_;
  const SlabClasses classes_;
  const std::unique_ptr<Arena> arena_;
  const uint64_t max_memory_bytes_;
  const uint64_t hash_seed_;
  const uint32_t shard_mask_;
  // Held while anything is derived from the limit. Taken after a shard's lock and before those of
  // the ledger and the pool.
  Mutex limit_mutex_;
  std::atomic<uint64_t> memory_limit_;  // written under limit_mutex_
  PagePool pool_;
  LargeTurns large_turns_;
  std::atomic<bool> flat_lru_{false};
  std::atomic<bool> rebalancing_{true};
  std::atomic<int64_t> temporary_ttl_sec_{-1};  // -1: off
  Admission admission_;
  Crawler crawler_;
  // Of any upload so far. Relaxed: who finds the item has taken its shard's lock after the upload.
  std::atomic<uint64_t> largest_claim_bytes_{0};
  // By the key's hash. A TryJoin holds one, as joins to one value would overtake each other for
  // ever otherwise; taken before any other lock, and for as long as it takes to copy a value.
  std::array<Mutex, kJoinMutexes> join_mutexes_;
  // Of all shards, in one piece: a long array has memory only where it was written to.
  const ZeroedArray<ItemList> lists_;
  std::vector<ReadCounters> read_counters_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<uint32_t> next_donor_{0};  // where the next search for a page begins
};

template <typename Operation>
std::invoke_result_t<Operation, Shard&, PageGrant&> Engine::Run(Shard& shard, Instant now,
                                                                Operation&& operation) {
  // A store takes a handful of pages at most: for the chunks of its item, and for the index.
  constexpr int kMaxAttempts = 32;
  PageGrant pages(pool_);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    {
      const MutexLock lock(shard.mutex());
      if (auto result = operation(shard, pages)) [[likely]] {
        return result;
      }
    }
    if (!Obtain(pages, now)) {
      break;
    }
  }
  return std::nullopt;
}

template <typename Visitor>
GetOutcome Engine::Get(const Key& key, const GetOptions& options, Instant now,
                       AdmissionTicket& ticket, ReadCounters& reads, Visitor&& visit) {
  Shard::Hit hit;
  Pin pin;  // dropped, if nobody takes it, after the lock
  const uint32_t shard_index = ShardIndexFor(key);
  const auto outcome = Run(
      *shards_[shard_index], now, [&](Shard& shard, PageGrant& pages) -> std::optional<GetOutcome> {
        shard.mutex().AssertHeld();
        if (options.want_value && !AdmitPin(shard, key, options, now, ticket)) {
          return GetOutcome::kMustWait;
        }
        const auto result = shard.Get(key, options, now, pages, reads, hit);
        if (result == GetOutcome::kHit) {
          if (hit.pinned != kNoHandle) {
            ClaimPin(hit.pinned, ticket);
            pin = Pin(this, shard_index, hit.pinned);
          }
          visit(std::as_const(hit.fetched), std::move(pin));
        }
        return result;
      });
  if (!outcome) [[unlikely]] {
    ticket.Release();
    return GetOutcome::kNoMemory;
  }
  return *outcome;
}

}  // namespace quarry::core
