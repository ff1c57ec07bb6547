#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/container/inlined_vector.h>

#include "core/arena.h"
#include "core/base/mutex.h"
#include "core/page_set.h"

namespace quarry::core {

/// The pages that nobody owns, and the memory limit. Every byte that the limit speaks of lies in a
/// page that came from here: items, indexes, uploads, pinned values. Pages in hand and pages that
/// wait here with memory are never more than the limit, unless it was lowered: what they are more
/// is the surplus. Safe on any thread. Its lock is the innermost: nothing else is locked while it
/// is held.
class PagePool {
 public:
  /// Gives out the arena's pages from `first_page` on, which are at least `limit_pages`.
  PagePool(Arena& arena, uint32_t limit_pages, uint32_t first_page = 1);

  /// A free page, or 0 if there is none. It has memory, which the system may have to give first:
  /// not to be called under a lock.
  uint32_t Take();
  /// The same of those that have memory; 0 does not mean that Take finds none.
  uint32_t TakeReady();
  /// Fills `pages` from the front with such pages; returns how many there were. They lie side by
  /// side as far as a few looks for each find such; meanwhile the lock is held, so ask for few.
  size_t TakeReady(std::span<uint32_t> pages);
  void Give(std::span<const uint32_t> pages);

  // Pages of an index are read without its lock, for prefetching. So that what is read late is
  // still an index, and never the bytes of an item, a page that was one does not become anything
  // else: it gives back its memory, and its place in the arena waits for the next index.

  /// Takes `page`, which the caller has, and returns one for an index: another if one waits.
  uint32_t ExchangeForIndex(uint32_t page);
  void GiveFromIndex(uint32_t page);

  /// Changes the limit, to at most what the arena has.
  void SetLimit(uint32_t pages);
  /// Gives the memory of a surplus page back to the system; false if there is none that nobody has.
  bool ReleaseSurplusPage();

  uint32_t limit() const { return limit_.load(std::memory_order_relaxed); }
  /// Pages in hand, in the hands of all owners.
  uint32_t held_count() const { return held_count_.load(std::memory_order_relaxed); }
  uint32_t free_count() const {
    const uint32_t held = held_count();
    return std::max(limit(), held) - held;
  }
  /// Pages that indexes have of those in hand.
  uint32_t index_page_count() const { return index_page_count_.load(std::memory_order_relaxed); }
  /// Pages beyond the limit that have memory.
  uint32_t surplus_count() const;

 private:
  using PageStack = std::vector<uint32_t>;
  static uint32_t Pop(PageStack& pages);
  void ChangeHeld(int32_t change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t SurplusCount() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Arena& arena_;
  // Written under the lock, and read without it: a full memory asks for pages at every store.
  std::atomic<uint32_t> limit_;
  std::atomic<uint32_t> held_count_{0};
  std::atomic<uint32_t> index_page_count_{0};

  mutable Mutex mutex_;
  uint32_t next_new_ ABSL_GUARDED_BY(mutex_);       // pages from here on were never taken
  PageSet ready_ ABSL_GUARDED_BY(mutex_);           // with memory
  PageStack bare_ ABSL_GUARDED_BY(mutex_);          // without
  PageStack former_index_ ABSL_GUARDED_BY(mutex_);  // without, kept for an index
};

/// Free pages in the hands of one operation: those that were emptied for it, and what it has freed
/// itself. They do not pass through the pool, where another operation would take them. What is left
/// in the end goes to the pool. One thread.
class PageGrant {
 public:
  explicit PageGrant(PagePool& pool) : pool_(pool) {}
  ~PageGrant() {
    if (!pages_.empty()) [[unlikely]] {
      GiveAll();
    }
  }
  PageGrant(const PageGrant&) = delete;
  PageGrant& operator=(const PageGrant&) = delete;

  /// A page of its own, or a ready one of the pool's, or 0.
  uint32_t Take();
  /// The same for an index.
  uint32_t TakeForIndex();
  /// Fills `pages` from the front with pages of its own, in the order in which they were added;
  /// returns how many there were.
  size_t TakeOwn(std::span<uint32_t> pages);
  void Add(uint32_t page) { Add({&page, 1}); }
  void Add(std::span<const uint32_t> pages);
  bool empty() const { return pages_.empty(); }
  /// True when PagePool::Take has pages, though Take may have found none.
  bool pool_has_pages() const { return pool_.free_count() > 0; }

 private:
  void GiveAll();

  // More than this many pages are not kept: the largest items give theirs to the pool.
  static constexpr size_t kMaxKept = 32;

  PagePool& pool_;
  absl::InlinedVector<uint32_t, kMaxKept> pages_;
};

}  // namespace quarry::core
