#include "core/page_pool.h"

#include <algorithm>

#include "core/base/check.h"

namespace quarry::core {

PagePool::PagePool(Arena& arena, uint32_t limit_pages, uint32_t first_page)
    : arena_(arena), limit_(limit_pages), next_new_(first_page), ready_(arena.page_count()) {
  QUARRY_CHECK(first_page - 1 + limit_pages <= arena.page_count());
}

uint32_t PagePool::Pop(PageStack& pages) {
  if (pages.empty()) {
    return 0;
  }
  const uint32_t page = pages.back();
  pages.pop_back();
  return page;
}

void PagePool::ChangeHeld(int32_t change) {
  held_count_.store(held_count() + static_cast<uint32_t>(change), std::memory_order_relaxed);
}

uint32_t PagePool::SurplusCount() const {
  const uint64_t with_memory = held_count() + ready_.count();
  return static_cast<uint32_t>(std::max<uint64_t>(limit(), with_memory) - limit());
}

uint32_t PagePool::surplus_count() const {
  const MutexLock lock(mutex_);
  return SurplusCount();
}

uint32_t PagePool::Take() {
  if (const uint32_t page = TakeReady(); page != 0) {
    return page;
  }
  uint32_t page = 0;
  {
    const MutexLock lock(mutex_);
    if (held_count() + ready_.count() >= limit()) {
      return 0;
    }
    page = Pop(bare_);
    if (page == 0 && next_new_ <= arena_.page_count()) {
      page = next_new_++;
    }
    if (page == 0) {
      return 0;
    }
    ChangeHeld(+1);
  }
  arena_.Touch(page);
  return page;
}

uint32_t PagePool::TakeReady() {
  uint32_t page = 0;
  TakeReady({&page, 1});
  return page;
}

size_t PagePool::TakeReady(std::span<uint32_t> pages) {
  if (free_count() == 0) {
    return 0;
  }
  const MutexLock lock(mutex_);
  const size_t count = std::min({pages.size(), size_t{ready_.count()}, size_t{free_count()}});
  for (size_t taken = 0; taken < count; ++taken) {
    uint32_t page = taken > 0 ? pages[taken - 1] + 1 : 0;
    // What was never taken is not ready; there may be no such page, either.
    if (page == 0 || page >= next_new_ || !ready_.Contains(page)) {
      page = count - taken > 1 ? ready_.FirstOfMany() : ready_.Lowest();
    }
    ready_.Erase(page);
    pages[taken] = page;
  }
  ChangeHeld(static_cast<int32_t>(count));
  return count;
}

void PagePool::Give(std::span<const uint32_t> pages) {
  const MutexLock lock(mutex_);
  QUARRY_DCHECK(held_count() >= pages.size());
  QUARRY_DCHECK(std::all_of(pages.begin(), pages.end(), [this](uint32_t page) {
    mutex_.AssertHeld();
    return page >= 1 && page < next_new_;
  }));
  ChangeHeld(-static_cast<int32_t>(pages.size()));
  for (const uint32_t page : pages) {
    ready_.Insert(page);
  }
}

uint32_t PagePool::ExchangeForIndex(uint32_t page) {
  index_page_count_.fetch_add(1, std::memory_order_relaxed);
  uint32_t former = 0;
  {
    const MutexLock lock(mutex_);
    former = Pop(former_index_);
  }
  if (former == 0) {
    return page;
  }
  arena_.Release(page);
  const MutexLock lock(mutex_);
  bare_.push_back(page);
  return former;
}

void PagePool::GiveFromIndex(uint32_t page) {
  index_page_count_.fetch_sub(1, std::memory_order_relaxed);
  arena_.Release(page);
  const MutexLock lock(mutex_);
  ChangeHeld(-1);
  former_index_.push_back(page);
}

void PagePool::SetLimit(uint32_t pages) {
  QUARRY_CHECK(pages <= arena_.page_count());
  const MutexLock lock(mutex_);
  limit_.store(pages, std::memory_order_relaxed);
}

bool PagePool::ReleaseSurplusPage() {
  uint32_t page = 0;
  {
    const MutexLock lock(mutex_);
    if (SurplusCount() == 0 || ready_.count() == 0) {
      return false;
    }
    page = ready_.Highest();
    ready_.Erase(page);
  }
  arena_.Release(page);
  const MutexLock lock(mutex_);
  bare_.push_back(page);
  return true;
}

void PageGrant::GiveAll() {
  pool_.Give(pages_);
}

uint32_t PageGrant::Take() {
  if (pages_.empty()) {
    return pool_.TakeReady();
  }
  const uint32_t page = pages_.back();
  pages_.pop_back();
  return page;
}

size_t PageGrant::TakeOwn(std::span<uint32_t> pages) {
  const size_t count = std::min(pages.size(), pages_.size());
  const auto first = pages_.end() - static_cast<std::ptrdiff_t>(count);
  std::copy(first, pages_.end(), pages.begin());
  pages_.erase(first, pages_.end());
  return count;
}

uint32_t PageGrant::TakeForIndex() {
  const uint32_t page = Take();
  return page != 0 ? pool_.ExchangeForIndex(page) : 0;
}

void PageGrant::Add(std::span<const uint32_t> pages) {
  const auto kept = pages.first(std::min(pages.size(), kMaxKept - pages_.size()));
  pages_.insert(pages_.end(), kept.begin(), kept.end());
  if (kept.size() < pages.size()) {
    pool_.Give(pages.subspan(kept.size()));
  }
}

}  // namespace quarry::core
