#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/container/inlined_vector.h>

#include "core/base/mutex.h"

namespace quarry::core {

/// The pages that nobody owns. Every byte that the memory limit speaks of lies in a page that came
/// from here: items, index, uploads, pinned values. Safe on any thread. Its lock is the innermost:
/// nothing else is locked while it is held.
class PagePool {
 public:
  /// Pages 1 to `page_count` are free.
  explicit PagePool(uint32_t page_count) : page_count_(page_count), free_count_(page_count) {}

  /// A free page, or 0 if there is none. A page given back is taken before one never used, since
  /// the system has given it memory already.
  uint32_t Take();
  void Give(uint32_t page);

  uint32_t page_count() const { return page_count_; }
  uint32_t free_count() const { return free_count_.load(std::memory_order_relaxed); }

 private:
  const uint32_t page_count_;
  // A copy for those who do not hold the lock: a full memory asks for pages at every store.
  std::atomic<uint32_t> free_count_;
  Mutex mutex_;
  std::vector<uint32_t> returned_ ABSL_GUARDED_BY(mutex_);
  uint32_t used_count_ ABSL_GUARDED_BY(mutex_) = 0;  // pages ever taken: 1 to used_count_
};

/// Free pages in the hands of one operation: those that were emptied for it, and what it has freed
/// itself. They do not pass through the pool, where another operation would take them. What is left
/// in the end goes to the pool. One thread.
class PageGrant {
 public:
  explicit PageGrant(PagePool& pool) : pool_(pool) {}
  ~PageGrant();
  PageGrant(const PageGrant&) = delete;
  PageGrant& operator=(const PageGrant&) = delete;

  /// A page of its own, or of the pool's, or 0.
  uint32_t Take();
  void Add(uint32_t page);
  bool empty() const { return pages_.empty(); }

 private:
  // More than this many pages are not kept: the largest items give theirs to the pool.
  static constexpr size_t kMaxKept = 8;

  PagePool& pool_;
  absl::InlinedVector<uint32_t, kMaxKept> pages_;
};

}  // namespace quarry::core
