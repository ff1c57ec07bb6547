#include "core/page_pool.h"

#include "core/base/check.h"

namespace quarry::core {

uint32_t PagePool::Take() {
  if (free_count() == 0) {
    return 0;
  }
  const MutexLock lock(mutex_);
  if (returned_.empty() && used_count_ == page_count_) {
    return 0;
  }
  free_count_.store(free_count() - 1, std::memory_order_relaxed);
  if (returned_.empty()) {
    return ++used_count_;
  }
  const uint32_t page = returned_.back();
  returned_.pop_back();
  return page;
}

void PagePool::Give(uint32_t page) {
  const MutexLock lock(mutex_);
  QUARRY_DCHECK(page >= 1 && page <= used_count_);
  returned_.push_back(page);
  free_count_.store(free_count() + 1, std::memory_order_relaxed);
}

PageGrant::~PageGrant() {
  for (const uint32_t page : pages_) {
    pool_.Give(page);
  }
}

uint32_t PageGrant::Take() {
  if (pages_.empty()) {
    return pool_.Take();
  }
  const uint32_t page = pages_.back();
  pages_.pop_back();
  return page;
}

void PageGrant::Add(uint32_t page) {
  if (pages_.size() < kMaxKept) {
    pages_.push_back(page);
  } else {
    pool_.Give(page);
  }
}

}  // namespace quarry::core
