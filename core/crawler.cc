#include "core/crawler.h"

#include <algorithm>

namespace quarry::core {
namespace {

// However short the pause, a second's steps leave the thread time for what else it does.
constexpr uint32_t kMaxStepsPerSecond = 4096;
constexpr uint32_t kBucketsPerStep = 16;
constexpr uint32_t kStepsPerRun = 8;
constexpr uint32_t kUsPerSecond = 1'000'000;

}  // namespace

bool Crawler::SetEnabled(bool enabled) {
  const MutexLock lock(mutex_);
  if (!enabled) {
    scope_.reset();
  }
  return enabled_.exchange(enabled, std::memory_order_relaxed) != enabled;
}

CrawlOutcome Crawler::Start(const std::vector<bool>& lists) {
  const MutexLock lock(mutex_);
  if (!enabled()) {
    return CrawlOutcome::kDisabled;
  }
  if (scope_) {
    return CrawlOutcome::kBusy;
  }
  const uint64_t limit = item_limit() > 0 ? item_limit() : UINT64_MAX;
  scope_.emplace();
  for (const bool asked : lists) {
    scope_->items_left.push_back(asked ? limit : 0);
  }
  shard_index_ = 0;
  starts_.fetch_add(1, std::memory_order_relaxed);
  return CrawlOutcome::kStarted;
}

bool Crawler::running() const {
  const MutexLock lock(mutex_);
  return scope_.has_value();
}

bool Crawler::Run(const std::vector<std::unique_ptr<Shard>>& shards, PagePool& pool, Instant now) {
  for (uint32_t i = 0; i < kStepsPerRun; ++i) {
    if (!Step(shards, pool, now)) {
      return false;
    }
  }
  return true;
}

bool Crawler::Step(const std::vector<std::unique_ptr<Shard>>& shards, PagePool& pool, Instant now) {
  const MutexLock lock(mutex_);
  if (!scope_) {
    steps_left_ = 0;
    return false;
  }
  if (steps_left_ == 0) {
    steps_left_ = std::clamp(kUsPerSecond / std::max(pause_us(), uint32_t{1}), uint32_t{1},
                             kMaxStepsPerSecond);
  }
  Shard& shard = *shards[shard_index_];
  bool goes_on = false;
  {
    PageGrant pages(pool);
    const MutexLock shard_lock(shard.mutex());
    goes_on = shard.CrawlFor(*scope_, kBucketsPerStep, now, pages);
  }
  if (!goes_on) {
    ++shard_index_;
    scope_->buckets_left = UINT32_MAX;
  }
  if (shard_index_ == shards.size() || scope_->IsDone()) {
    scope_.reset();
  }
  return --steps_left_ > 0 && scope_;
}

}  // namespace quarry::core
