// What a shard does to free the items that have ended or were flushed: page by page as their
// expiries tell, and bucket by bucket whatever they are.

#include <algorithm>

#include "core/shard_inline.h"

namespace quarry::core {
namespace {

// A page is due when this part of its chunks holds items that have ended, ...
constexpr uint32_t kQuorumShare = 32;
// ... and a look at it is poor if it freed less than this part of what it looked at.
constexpr uint32_t kPoorShare = 64;
// So many poor looks are taken in a second. Others, of which there are more where many short-lived
// items are deleted or prolonged before their end, wait.
constexpr uint32_t kMaxPoorLooks = 256;
// Items freed under one lock hold.
constexpr uint32_t kMaxFreedPerHold = 48;
// A store that needs a chunk frees up to so often so many before it evicts.
constexpr int kMaxStepsForStore = 8;
// The crawl lets an index that has become too large shrink at this rate.
constexpr uint32_t kMergesPerBucket = 4;

}  // namespace

uint32_t Shard::ExpiryQuorum(uint32_t page) const {
  const uint32_t class_index = environment_.arena.info(page).class_index;
  return std::max(1U, environment_.classes.chunks_per_page(class_index) / kQuorumShare);
}

void Shard::NoteExpiry(Handle handle) {
  const Item& item = At(handle);
  if (item.expiry() != kNever) {
    // The chunk of a large item is the least part of it: it is not to wait for others.
    const uint32_t page = PageOf(handle);
    expiry_pages_.Note(page, item.expiry(), item.Has(kLargeFlag) ? 1 : ExpiryQuorum(page));
  }
}

void Shard::ForgetExpiries(uint32_t page) {
  expiry_pages_.Remove(page);
  if (look_.page == page) {
    look_.page = 0;
  }
}

bool Shard::BeginLook(Instant now) {
  if (now.floor_sec > poor_looks_since_sec_) {
    poor_looks_since_sec_ = now.floor_sec;
    poor_looks_left_ = kMaxPoorLooks;
  }
  look_.page = poor_looks_left_ > 0 ? expiry_pages_.TakeDue(now) : 0;
  look_.next_chunk = IsHeadPage(look_.page) ? 1 : 0;
  look_.freed_count = 0;
  look_.earliest_large = kNever;
  look_.living.clear();
  return look_.page != 0;
}

void Shard::EndLook() {
  const uint32_t page = look_.page;
  look_.page = 0;
  if (look_.freed_count * kPoorShare < look_.next_chunk) {
    --poor_looks_left_;
  }
  Expiry due = look_.earliest_large;
  if (!look_.living.empty()) {
    const size_t last = std::min<size_t>(ExpiryQuorum(page), look_.living.size()) - 1;
    const auto nth = look_.living.begin() + static_cast<ptrdiff_t>(last);
    std::nth_element(look_.living.begin(), nth, look_.living.end());
    due = due == kNever ? *nth : std::min(due, *nth);
  }
  expiry_pages_.Reschedule(page, due);
}

bool Shard::FreeDueItems(Reclaimer by, Instant now, PageGrant& pages) {
  if (look_.page == 0) {
    if (!expiry_pages_.AnyDue(now)) {
      return false;
    }
    if (!BeginLook(now)) {
      return poor_looks_left_ > 0 && expiry_pages_.AnyDue(now);
    }
  }
  const uint32_t limit = UsedChunkLimit(look_.page);
  for (uint32_t freed = 0; look_.next_chunk < limit && freed < kMaxFreedPerHold;
       ++look_.next_chunk) {
    const Handle handle = MakeHandle(look_.page, look_.next_chunk);
    const Item& item = At(handle);
    if (!chunk_states_.HoldsItem(handle) || item.expiry() == kNever) {
      continue;
    }
    ListFor(handle).counters.crawler_checked += by == Reclaimer::kCrawler ? 1U : 0U;
    if (IsDead(item, now)) {
      Reclaim(handle, by, pages);
      ++freed;
      ++look_.freed_count;
      if (look_.page == 0) {
        return true;  // the page went with its only item
      }
    } else if (!item.Has(kLargeFlag)) {
      look_.living.push_back(item.expiry());
    } else if (look_.earliest_large == kNever || item.expiry() < look_.earliest_large) {
      look_.earliest_large = item.expiry();
    }
  }
  if (look_.next_chunk >= limit) {
    EndLook();
  }
  return true;
}

bool Shard::MakeRoomFromDue(uint32_t class_index, Instant now, PageGrant& pages) {
  for (int step = 0; step < kMaxStepsForStore; ++step) {
    if (!FreeDueItems(Reclaimer::kStore, now, pages)) {
      return false;
    }
    if (!classes_[class_index].free.empty() || TakeEmptyPage(now, pages)) {
      return true;
    }
  }
  return false;
}

void Shard::Reclaim(Handle handle, Reclaimer by, PageGrant& pages) {
  const Item& item = At(handle);
  ClassCounters& counters = ListFor(handle).counters;
  ++counters.reclaimed;
  counters.crawler_reclaimed += by == Reclaimer::kCrawler ? 1U : 0U;
  counters.expired_unfetched += item.Has(kFetchedFlag) ? 0U : 1U;
  const uint64_t hash = HashOf(item);
  Remove(hash, SlotOf(handle, hash), pages);
}

void Shard::CrawlBucket(uint32_t bucket, CrawlScope* scope, Instant now, PageGrant& pages) {
  index_.VisitBucket(bucket, [this, scope, now, &pages](Handle handle) {
    mutex_.AssertHeld();  // the caller's lock; the analysis does not follow it into a lambda
    const uint32_t list_index = ListOf(handle);
    if (scope != nullptr && !scope->Take(list_index)) {
      return;
    }
    ++lists_[list_index].counters.crawler_checked;
    if (IsDead(At(handle), now)) {
      Reclaim(handle, Reclaimer::kCrawler, pages);
    }
  });
}

void Shard::Crawl(uint32_t bucket_count, Instant now, PageGrant& pages) {
  ApplyDueFlush(now);
  for (uint32_t i = 0; i < bucket_count; ++i) {
    // Downwards, since a merge moves items down; see GrowIndex for those that move up.
    crawl_buckets_left_ = std::min(crawl_buckets_left_, index_.bucket_count());
    if (crawl_buckets_left_ == 0) {
      crawl_buckets_left_ = UINT32_MAX;
      flushed_ = false;
      return;
    }
    CrawlBucket(--crawl_buckets_left_, nullptr, now, pages);
    ShrinkIndexBy(kMergesPerBucket, pages);
  }
}

/// A split moves items up to where the crawl has been already, so no flushed one may be among them.
void Shard::GrowIndex(PageGrant& pages) {
  if (const auto bucket = index_.NextToSplit(); bucket && flushed_) {
    index_.VisitBucket(*bucket, [this, &pages](Handle handle) {
      mutex_.AssertHeld();  // the caller's lock; the analysis does not follow it into a lambda
      if (IsFlushed(At(handle))) {
        Reclaim(handle, Reclaimer::kStore, pages);
      }
    });
  }
  index_.GrowIfLoaded(pages);
}

bool Shard::ShrinkIndexBy(uint32_t bucket_count, PageGrant& pages) {
  const uint32_t before = index_.bucket_count();
  for (uint32_t i = 0; i < bucket_count; ++i) {
    index_.ShrinkIfSparse(pages);
  }
  return index_.bucket_count() < before;
}

bool Shard::CrawlFor(CrawlScope& scope, uint32_t bucket_count, Instant now, PageGrant& pages) {
  ApplyDueFlush(now);
  for (uint32_t i = 0; i < bucket_count; ++i) {
    // Downwards likewise. What a split moves up meanwhile is left to the next crawl.
    scope.buckets_left = std::min(scope.buckets_left, index_.bucket_count());
    if (scope.buckets_left == 0) {
      return false;
    }
    CrawlBucket(--scope.buckets_left, &scope, now, pages);
  }
  return true;
}

}  // namespace quarry::core
