// What a shard does to show its items to those who list them.

#include <algorithm>

#include <absl/container/inlined_vector.h>

#include "core/shard_inline.h"

namespace quarry::core {

Listing Shard::ListingOf(Handle handle, Instant now) const {
  Item& item = At(handle);
  Listing listing;
  listing.idle_sec = IdleSeconds(item, now);
  listing.fetched = item.Has(kFetchedFlag);
  Show(item, ListOf(item, handle), listing.item);
  listing.item.value = {};
  return listing;
}

Presence Shard::Peek(const Key& key, Instant now, absl::FunctionRef<void(const Listing&)> visit) {
  ApplyDueFlush(now);
  const Index::Slot slot = Find(key);
  if (!slot) {
    return Presence::kAbsent;
  }
  if (IsDead(At(slot.handle()), now)) {
    return IsFlushed(At(slot.handle())) ? Presence::kFlushed : Presence::kExpired;
  }
  visit(ListingOf(slot.handle(), now));
  return Presence::kLive;
}

bool Shard::Walk(uint64_t& place, uint32_t bucket_count, Instant now, ListingVisitor visit) {
  struct Entry {
    uint64_t place;
    Handle handle;
  };
  ApplyDueFlush(now);
  for (uint32_t i = 0; i < bucket_count; ++i) {
    const Index::PlaceRange range = index_.RangeAt(place);
    absl::InlinedVector<Entry, 4 * Bucket::kSlots> entries;
    index_.VisitBucket(range.bucket, [this, place, &entries](Handle handle) {
      mutex_.AssertHeld();  // the caller's lock; the analysis does not follow it into a lambda
      const uint64_t at = Index::PlaceOf(HashOf(At(handle)));
      if (at >= place) {
        entries.push_back({at, handle});
      }
    });
    std::sort(entries.begin(), entries.end(),
              [](const Entry& left, const Entry& right) { return left.place < right.place; });
    for (const Entry& entry : entries) {
      if (!IsDead(At(entry.handle), now) && !visit(ListingOf(entry.handle, now))) {
        place = entry.place;
        return true;
      }
    }
    place = range.last + 1;
    if (place == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace quarry::core
