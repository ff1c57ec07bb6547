#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/page_pool.h"
#include "core/shard.h"

namespace quarry::core {

enum class CrawlOutcome : uint8_t {
  kStarted,
  kBusy,      ///< another crawl is under way
  kNoItems,   ///< the classes hold nothing
  kDisabled,  ///< the background is switched off
};

/// The background's switch, and the crawl that a client has asked for: it goes through the index
/// for the items of some lists, shard by shard, in steps of a few buckets. Safe on any thread. Its
/// lock is taken before a shard's.
class Crawler {
 public:
  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }
  /// False if it was so already. Switched off, it ends the crawl that is under way.
  bool SetEnabled(bool enabled);

  /// The pause from one step to the next, in the mean: at most a second.
  void SetPauseUs(uint32_t pause_us) { pause_us_.store(pause_us, std::memory_order_relaxed); }
  uint32_t pause_us() const { return pause_us_.load(std::memory_order_relaxed); }

  /// A crawl looks at so many items of each list; 0: at all.
  void SetItemLimit(uint32_t items) { item_limit_.store(items, std::memory_order_relaxed); }
  uint32_t item_limit() const { return item_limit_.load(std::memory_order_relaxed); }

  /// Starts a crawl for the lists that are true in `lists`, which has one element for each:
  /// kStarted, kBusy or kDisabled.
  CrawlOutcome Start(const std::vector<bool>& lists);

  /// A few of a second's steps; false when there are no more. Then the next call begins another
  /// second. Holds a shard's lock for a few buckets at a time.
  bool Run(const std::vector<std::unique_ptr<Shard>>& shards, PagePool& pool, Instant now);

  bool running() const;
  uint64_t starts() const { return starts_.load(std::memory_order_relaxed); }
  void ResetStarts() { starts_.store(0, std::memory_order_relaxed); }

 private:
  /// One shard's next buckets; false when there are no more in this second.
  bool Step(const std::vector<std::unique_ptr<Shard>>& shards, PagePool& pool, Instant now);

  // Relaxed: each stands for itself.
  std::atomic<bool> enabled_{true};
  std::atomic<uint32_t> pause_us_{100};
  std::atomic<uint32_t> item_limit_{0};
  std::atomic<uint64_t> starts_{0};

  mutable Mutex mutex_;
  std::optional<Shard::CrawlScope> scope_ ABSL_GUARDED_BY(mutex_);  // of the crawl under way
  size_t shard_index_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t steps_left_ ABSL_GUARDED_BY(mutex_) = 0;  // of a second that has begun
};

}  // namespace quarry::core
