// Pages for those who need one where the pool has none: which shard is to empty one, and how often
// that is tried; and pages that are moved because somebody asks for it.

#include <algorithm>

#include "core/base/check.h"
#include "core/engine.h"

namespace quarry::core {
namespace {

// Who needs a page frees some dozen items that have ended so often before others are evicted for
// it.
constexpr int kDueStepsForPage = 64;
// How often a page is asked of the best donor before any will do.
constexpr int kBestDonorTries = 4;

}  // namespace

bool Engine::Obtain(PageGrant& pages, Instant now) {
  if (const uint32_t page = pool_.Take(); page != 0) {
    pages.Add(page);
    return true;
  }
  return EmptyAnyPage(pages, now);
}

bool Engine::EmptyAnyPage(PageGrant& pages, Instant now) {
  for (int tries = 0; tries < kBestDonorTries && pages.empty(); ++tries) {
    EmptyBestDonor(pages, now);
  }
  // What is best may be held by uploads and readers. Then anything will do.
  for (size_t i = 0; i < shards_.size() && pages.empty(); ++i) {
    EmptyAnyPageOf(*shards_[i], now, pages);
  }
  // Or what others have given back meanwhile.
  if (const uint32_t page = pages.empty() ? pool_.Take() : 0; page != 0) {
    pages.Add(page);
  }
  return !pages.empty();
}

void Engine::EmptyAnyPageOf(Shard& shard, Instant now, PageGrant& pages) {
  if (!options_.evict) {
    const MutexLock lock(shard.mutex());
    shard.TakeEmptyPage(now, pages);
    return;
  }
  for (uint32_t list_index = 0; list_index < classes_.list_count() && pages.empty(); ++list_index) {
    // Each hold brings what it could not empty to the front of the other queue, so that they go
    // through both after two times as many items as the list has.
    uint64_t passed_items = 0;
    uint64_t item_count = 0;
    do {
      const MutexLock lock(shard.mutex());
      item_count = shard.item_count(list_index);
      shard.EmptyPageOf(list_index, now, pages);
      passed_items += Shard::kLeastPassedItems;
    } while (pages.empty() && passed_items < 2 * item_count);
  }
}

Shard& Engine::ShardWithOldestLarge() const {
  const auto oldest = std::max_element(
      shards_.begin(), shards_.end(),
      [](const auto& a, const auto& b) { return a->OldestLargeTurns() < b->OldestLargeTurns(); });
  return **oldest;
}

bool Engine::FreeDuePage(Shard& shard, Instant now, PageGrant& pages) {
  for (int step = 0; step < kDueStepsForPage; ++step) {
    const MutexLock lock(shard.mutex());
    if (!shard.FreeDueItems(Shard::Reclaimer::kStore, now, pages)) {
      return false;
    }
    if (shard.TakeEmptyPage(now, pages)) {
      return true;
    }
  }
  return false;
}

/// Compares two shards, which is nearly as good as comparing all, and a few microseconds' work: all
/// have small items of much the same ages. Not so the few large items: the shard with the oldest is
/// the third.
void Engine::EmptyBestDonor(PageGrant& pages, Instant now) {
  const uint32_t first = next_donor_.fetch_add(1, std::memory_order_relaxed);
  if (FreeDuePage(*shards_[first & shard_mask_], now, pages)) {
    return;
  }
  Shard* best_shard = nullptr;
  Donor best;
  for (Shard* shard : {shards_[first & shard_mask_].get(), shards_[(first + 1) & shard_mask_].get(),
                       &ShardWithOldestLarge()}) {
    if (shard == best_shard) {
      continue;
    }
    const MutexLock lock(shard->mutex());
    const Donor donor = shard->FindDonor(now);
    if (donor.BetterThan(best)) {
      best = donor;
      best_shard = shard;
    }
  }
  if (best_shard != nullptr) {
    const MutexLock lock(best_shard->mutex());
    best_shard->EmptyPageOf(best.list_index, now, pages);
  }
}

bool Engine::MovePage(std::optional<uint32_t> from, std::optional<uint32_t> to, Instant now) {
  QUARRY_DCHECK(!from || from != to);
  const uint32_t first = from.value_or(0);
  const uint32_t end = from ? first + 1 : classes_.slab_class_count();
  Shard* best_shard = nullptr;
  Donor best;
  for (const auto& shard : shards_) {
    const MutexLock lock(shard->mutex());
    for (uint32_t class_index = first; class_index < end; ++class_index) {
      const Donor donor = class_index != to ? shard->DonorOf(class_index, now) : Donor();
      if (donor.BetterThan(best)) {
        best = donor;
        best_shard = shard.get();
      }
    }
  }
  if (best_shard == nullptr) {
    return false;
  }
  if (MovePageWithin(*best_shard, best.list_index, to, now)) {
    return true;
  }
  // As in Obtain, what is best may be held.
  for (const auto& shard : shards_) {
    for (uint32_t class_index = first; class_index < end; ++class_index) {
      if (class_index != to && MovePageWithin(*shard, class_index, to, now)) {
        return true;
      }
    }
  }
  return false;
}

bool Engine::MovePageWithin(Shard& shard, uint32_t from, std::optional<uint32_t> to, Instant now) {
  PageGrant pages(pool_);
  const MutexLock lock(shard.mutex());
  if (!shard.EmptyPageOf(from, now, pages)) {
    return false;
  }
  if (to) {
    shard.AddEmptyPage(*to, pages.Take());
  }
  return true;
}

}  // namespace quarry::core
