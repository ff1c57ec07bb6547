#include "core/engine.h"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <new>

#include <absl/memory/memory.h>
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "core/base/check.h"

namespace quarry::core {
namespace {

constexpr uint64_t kMinShardBytes = uint64_t{32} << 20;
constexpr uint64_t kLeastShardBytes = uint64_t{1} << 20;
// The arena's first pages are those where the indexes begin. They are not the pool's.
constexpr uint32_t kIndexStartPage = 1;
constexpr uint32_t kIndexStartPages = EngineOptions::kMaxShards / Index::kStartsPerPage;
constexpr uint32_t kFirstPoolPage = kIndexStartPage + kIndexStartPages;
// One call of Maintain looks at this part of the index, in lock holds of so many buckets, and at
// least in one.
constexpr uint32_t kMaintainRounds = 256;
constexpr uint32_t kBucketsPerHold = 16;
// One call of MaintainShard frees some dozen items that have ended so often: about 100 µs' work.
constexpr int kDueStepsPerMaintenance = 32;
// How many pages one call of GiveBackSurplus empties or gives back: about a millisecond's work.
constexpr int kPagesPerGiveBack = 16;
// Buckets that an index loses under one lock hold where it is too large.
constexpr uint32_t kMergesPerHold = 256;

absl::Status CheckOptions(const EngineOptions& options) {
  const auto in_range = [](uint64_t value, uint64_t low, uint64_t high) {
    return value >= low && value <= high;
  };
  if (!in_range(options.memory_bytes, EngineOptions::kMinMemoryBytes,
                EngineOptions::kMaxMemoryBytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the memory limit must be between ", EngineOptions::kMinMemoryBytes >> 20,
                     " MiB and ", EngineOptions::kMaxMemoryBytes >> 20, " MiB"));
  }
  if (!in_range(options.max_item_bytes, EngineOptions::kMinItemLimitBytes,
                EngineOptions::kMaxItemLimitBytes)) {
    return absl::InvalidArgumentError("the item limit must be between 1 MiB and 50 MiB");
  }
  if (options.max_item_bytes > options.memory_bytes / 2) {
    return absl::InvalidArgumentError("the item limit must be at most half of the memory limit");
  }
  if (!(options.growth_factor > 1.0) || options.growth_factor > 16.0) {
    return absl::InvalidArgumentError("the growth factor must be above 1 and at most 16");
  }
  if (!in_range(options.min_chunk_bytes, kPageBytes / kMaxChunksPerPage,
                EngineOptions::kMostMinChunkBytes)) {
    return absl::InvalidArgumentError("the smallest chunk must be between 32 and 4116 bytes");
  }
  if (options.shard_count > EngineOptions::kMaxShards ||
      (options.shard_count != 0 && !std::has_single_bit(options.shard_count))) {
    return absl::InvalidArgumentError("the shard count must be a power of two up to 64");
  }
  if (options.shard_count > options.memory_bytes / kLeastShardBytes) {
    return absl::InvalidArgumentError("each shard needs at least 1 MiB of memory");
  }
  return absl::OkStatus();
}

uint32_t ShardCountFor(const EngineOptions& options) {
  if (options.shard_count != 0) {
    return options.shard_count;
  }
  const auto shards =
      std::clamp<uint64_t>(options.memory_bytes / kMinShardBytes, 1, EngineOptions::kMaxShards);
  return static_cast<uint32_t>(std::bit_floor(shards));
}

/// The pages that the arena has room for, so that the memory limit can be raised. Not every place
/// in it can be used for items: see PagePool::ExchangeForIndex; an index takes at most a quarter of
/// the memory.
uint32_t ArenaPages(uint64_t memory_bytes) {
  const uint64_t pages = memory_bytes >> kPageShift;
  return static_cast<uint32_t>(
      std::min<uint64_t>(pages + pages / 3 + EngineOptions::kMaxShards, kMaxPages - 1));
}

/// One more than are used: no two shards are to write to the same cache line.
size_t ListsPerShard(const SlabClasses& classes) {
  return classes.list_count() + 1;
}

absl::StatusOr<uint64_t> SeedFor(const EngineOptions& options) {
  uint64_t seed = options.hash_seed;
  if (seed == 0 && getrandom(&seed, sizeof(seed), 0) != ssize_t{sizeof(seed)}) {
    return absl::ErrnoToStatus(errno, "cannot read the system's random source");
  }
  return seed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(const EngineOptions& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) {
    return status;
  }
  auto seed = SeedFor(options);
  if (!seed.ok()) {
    return seed.status();
  }
  // Where the system does not give the address space for a limit that can be raised, it is better
  // to serve with one that cannot.
  auto engine = CreateWithin(
      std::clamp(options.max_memory_bytes, options.memory_bytes, EngineOptions::kMaxMemoryBytes),
      options, *seed);
  return engine.ok() ? std::move(engine) : CreateWithin(options.memory_bytes, options, *seed);
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::CreateWithin(uint64_t max_memory_bytes,
                                                             const EngineOptions& options,
                                                             uint64_t hash_seed) {
  auto arena = Arena::Reserve(ArenaPages(max_memory_bytes), kFirstPoolPage);
  if (!arena.ok()) {
    return arena.status();
  }
  try {
    return absl::WrapUnique(new Engine(options, *std::move(arena), max_memory_bytes,
                                       ShardCountFor(options), hash_seed));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("no address space for the index");
  }
}

Engine::Engine(const EngineOptions& options, std::unique_ptr<Arena> arena,
               uint64_t max_memory_bytes, uint32_t shard_count, uint64_t hash_seed)
    : options_(options),
      classes_(options.min_chunk_bytes, options.growth_factor),
      arena_(std::move(arena)),
      max_memory_bytes_(max_memory_bytes),
      hash_seed_(hash_seed),
      shard_mask_(shard_count - 1),
      memory_limit_(options.memory_bytes),
      pool_(*arena_, static_cast<uint32_t>(options.memory_bytes >> kPageShift), kFirstPoolPage),
      admission_(UploadShareBytes(), options.memory_bytes),
      lists_(size_t{shard_count} * ListsPerShard(classes_)) {
  for (uint32_t i = 0; i < kIndexStartPages; ++i) {
    Index::AdoptPage(*arena_, kIndexStartPage + i);
  }
  for (uint32_t i = 0; i < std::clamp(options.reader_count, 1U, EngineOptions::kMaxReaders); ++i) {
    read_counters_.emplace_back(shard_count, classes_.list_count());
  }
  const ShardEnvironment environment{*arena_,
                                     pool_,
                                     classes_,
                                     large_turns_,
                                     read_counters_,
                                     flat_lru_,
                                     rebalancing_,
                                     temporary_ttl_sec_,
                                     hash_seed_,
                                     kIndexStartPage,
                                     options.evict,
                                     options.cas_enabled,
                                     options.eviction_observer};
  for (uint32_t i = 0; i < shard_count; ++i) {
    const std::span lists(&lists_[size_t{i} * ListsPerShard(classes_)], classes_.list_count());
    shards_.push_back(std::make_unique<Shard>(environment, lists, static_cast<uint16_t>(i)));
  }
  UpdateAdmission();
}

Engine::~Engine() = default;

uint64_t Engine::LeastMemoryBytes() const {
  const uint64_t fixed_bytes =
      shard_count() * kLeastIndexPages * kPageBytes + ClaimBytes(options_.max_item_bytes);
  return std::max({EngineOptions::kMinMemoryBytes, 2 * options_.max_item_bytes,
                   fixed_bytes + fixed_bytes / kUnclaimedPart * 2});
}

StoreResult Engine::Store(const Key& key, const StoreOptions& options, std::string_view value,
                          Instant now) {
  QUARRY_DCHECK(value.size() <= kMaxSmallValueBytes);
  uint64_t copied_bytes = 0;
  for (int tries = 0; tries < kMaxJoinAttempts; ++tries) {
    const auto attempt = Run(ShardFor(key), now, [&](Shard& shard, PageGrant& pages) {
      shard.mutex().AssertHeld();
      return shard.Store(key, options, value, now, pages);
    });
    if (!attempt) {
      break;
    }
    if (!attempt->needs_upload) {
      return attempt->result;
    }
    const JoinAttempt join = TryJoin(key, options, {&value, 1}, now);
    copied_bytes += join.copied_bytes;
    if (join.result && join.result->outcome == StoreOutcome::kNoMemory) {
      break;
    }
    if (join.result) {
      StoreResult result = *join.result;
      result.copied_bytes = copied_bytes;
      return result;
    }
  }
  RefuseNoMemory(key, options, value.size(), now);
  return {.outcome = StoreOutcome::kNoMemory, .copied_bytes = copied_bytes};
}

void Engine::RefuseTooLarge(const Key& key, const StoreOptions& options, Instant now) {
  PageGrant pages(pool_);
  Shard& shard = ShardFor(key);
  const MutexLock lock(shard.mutex());
  shard.RefuseTooLarge(key, options, now, pages);
}

void Engine::RefuseNoMemory(const Key& key, const StoreOptions& options, uint64_t value_bytes,
                            Instant now) {
  PageGrant pages(pool_);
  Shard& shard = ShardFor(key);
  const MutexLock lock(shard.mutex());
  shard.RefuseNoMemory(key, options, value_bytes, now, pages);
}

DeleteOutcome Engine::Delete(const Key& key, const DeleteOptions& options, Instant now) {
  const auto outcome = Run(ShardFor(key), now, [&](Shard& shard, PageGrant& pages) {
    shard.mutex().AssertHeld();
    return shard.Delete(key, options, now, pages);
  });
  return outcome.value_or(DeleteOutcome::kNoMemory);
}

ArithmeticResult Engine::Arithmetic(const Key& key, const ArithmeticOptions& options, Instant now) {
  const auto result = Run(ShardFor(key), now, [&](Shard& shard, PageGrant& pages) {
    shard.mutex().AssertHeld();
    return shard.Arithmetic(key, options, now, pages);
  });
  return result.value_or(ArithmeticResult{.outcome = ArithmeticOutcome::kNoMemory});
}

void Engine::Flush(Expiry at, Instant now) {
  for (const auto& shard : shards_) {
    const MutexLock lock(shard->mutex());
    shard->Flush(at, now);
  }
}

CrawlOutcome Engine::StartCrawl(std::span<const uint32_t> class_ids, Instant now) {
  std::vector<bool> lists(classes_.list_count());
  for (const uint32_t class_id : class_ids) {
    lists[class_id - 1] = true;
  }
  const EngineStats stats = Stats(now);
  const bool has_items = std::any_of(
      stats.classes.begin(), stats.classes.end(),
      [&lists](const ClassStats& each) { return each.items > 0 && lists[each.class_id - 1]; });
  if (!has_items && crawler_.enabled() && !crawler_.running()) {
    return CrawlOutcome::kNoItems;
  }
  return crawler_.Start(lists);
}

void Engine::Maintain(Instant now) {
  for (uint32_t i = 0; i < shard_count(); ++i) {
    while (MaintainShard(i, now)) {
    }
  }
}

bool Engine::MaintainShard(uint32_t shard_index, Instant now) {
  Shard& shard = *shards_[shard_index];
  bool goes_on = crawler_.enabled();
  for (int hold = 0; goes_on; ++hold) {
    if (hold == kDueStepsPerMaintenance) {
      return true;
    }
    PageGrant pages(pool_);
    const MutexLock lock(shard.mutex());
    goes_on = shard.FreeDueItems(Shard::Reclaimer::kCrawler, now, pages);
  }
  if (shard_index == 0 && crawler_.Run(shards_, pool_, now)) {
    return true;
  }
  uint32_t buckets = std::max(shard.bucket_count() / kMaintainRounds, kBucketsPerHold);
  while (buckets > 0) {
    const uint32_t step = std::min(buckets, kBucketsPerHold);
    PageGrant pages(pool_);
    const MutexLock lock(shard.mutex());
    // Flushed items have to be gone before their sequences come round again.
    if (!crawler_.enabled() && !shard.is_sweeping()) {
      break;
    }
    shard.Crawl(step, now, pages);
    buckets -= step;
  }
  return false;
}

absl::Status Engine::SetMemoryLimit(uint64_t bytes) {
  const uint64_t least_bytes = LeastMemoryBytes();
  if (bytes < least_bytes || bytes > max_memory_bytes_) {
    return absl::OutOfRangeError(absl::StrCat("the memory limit must be between ", least_bytes,
                                              " and ", max_memory_bytes_, " bytes"));
  }
  const MutexLock lock(limit_mutex_);
  memory_limit_.store(bytes, std::memory_order_relaxed);
  UpdatePoolLimit();
  admission_.SetShares(UploadShareBytes(), ClaimableBytes());
  return absl::OkStatus();
}

void Engine::UpdatePoolLimit() {
  const uint64_t claimed =
      admission_.claimed_bytes(ClaimKind::kUpload) + admission_.claimed_bytes(ClaimKind::kPin);
  const uint64_t pages = std::max(memory_limit(), claimed + UnclaimedBytes()) >> kPageShift;
  pool_.SetLimit(
      static_cast<uint32_t>(std::min<uint64_t>(pages, arena_->page_count() - kIndexStartPages)));
}

bool Engine::GiveBackSurplus(Instant now) {
  {
    const MutexLock lock(limit_mutex_);
    UpdatePoolLimit();
  }
  for (int i = 0; i < kPagesPerGiveBack && pool_.surplus_count() > 0; ++i) {
    if (!pool_.ReleaseSurplusPage()) {
      PageGrant pages(pool_);
      if (!EmptyAnyPage(pages, now)) {
        return ShrinkIndexes();
      }
    }
  }
  return pool_.surplus_count() > 0;
}

bool Engine::ShrinkIndexes() {
  bool any = false;
  for (const auto& shard : shards_) {
    PageGrant pages(pool_);
    const MutexLock lock(shard->mutex());
    any = shard->ShrinkIndexBy(kMergesPerHold, pages) || any;
  }
  return any;
}

EngineStats Engine::Stats(Instant now) const {
  EngineStats stats;
  std::vector<ClassStats> classes(classes_.list_count());
  for (const auto& shard : shards_) {
    const MutexLock lock(shard->mutex());
    shard->AddStats(stats, classes, now);
  }
  for (uint32_t i = 0; i < classes.size(); ++i) {
    ClassStats& each = classes[i];
    each.class_id = i + 1;
    const bool is_slab_class = classes_.IsSlabClass(i);
    each.chunk_bytes = is_slab_class ? classes_.chunk_bytes(i) : kPageBytes;
    each.chunks_per_page = is_slab_class ? classes_.chunks_per_page(i) : 1;
    each.free_chunks = each.total_pages * each.chunks_per_page - each.used_chunks;
    stats.class_totals += each.counters;
    stats.items += each.items;
    stats.item_bytes += each.item_bytes;
    if (each.total_pages > 0 || each.items > 0) {
      stats.classes.push_back(each);
    }
  }
  stats.limit_bytes = memory_limit();
  stats.page_bytes = kPageBytes;
  stats.pages_total = stats.limit_bytes >> kPageShift;
  stats.pages_free = pool_.free_count();
  stats.pages_held = pool_.held_count();
  stats.in_flight_bytes = admission_.claimed_bytes(ClaimKind::kUpload);
  stats.shard_count = shards_.size();
  stats.crawler_running = crawler_.running() ? 1 : 0;
  stats.crawler_starts = crawler_.starts();
  return stats;
}

void Engine::ResetStats() {
  for (const auto& shard : shards_) {
    const MutexLock lock(shard->mutex());
    shard->ResetStats();
  }
  crawler_.ResetStarts();
}

}  // namespace quarry::core
