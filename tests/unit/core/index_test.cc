#include "core/index.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/page_pool.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

// A mixing function, so that neighbouring numbers get unlike hashes.
uint64_t HashOfNumber(uint64_t number) {
  uint64_t x = number * 0x9e3779b97f4a7c15;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9;
  return x ^ x >> 32;
}

// Handles of the first page that there is; those below are ghosts.
constexpr Handle kFirst = MakeHandle(1, 0);

// What the handles of all items of a test lie in.
constexpr uint32_t kItemPages = 200;

// Where the index begins.
constexpr uint32_t kStartPage = 1;
constexpr uint32_t kStartNumber = 5;

/// An index whose items are plain numbers from kFirst: the handle is the item.
struct IndexFixture {
  explicit IndexFixture(uint32_t pages)
      : arena(*Arena::Reserve(2 * pages + kStartPage + kItemPages)),
        pool(*arena, pages, kStartPage + 1),
        index(*arena, pool, kStartPage, kStartNumber, 2 * pages, HashOfNumber) {
    Index::AdoptPage(*arena, kStartPage);
  }

  bool Insert(Handle item) {
    PageGrant grant(pool);
    while (!index.PrepareInsert(HashOfNumber(item), grant)) {
      const uint32_t page = pool.Take();
      if (page == 0) {
        return false;
      }
      grant.Add(page);
    }
    ghost = index.Insert(HashOfNumber(item), item, epoch);
    index.GrowIfLoaded(grant);
    return true;
  }
  Index::Slot Find(Handle item) const {
    return index.Find(HashOfNumber(item), kUnknownSlot,
                      [item](Handle handle) { return handle == item; });
  }

  void Erase(Handle item) { index.Erase(HashOfNumber(item), Find(item)); }
  /// The same, and lets the table follow.
  void EraseAndShrink(Handle item) {
    Erase(item);
    PageGrant grant(pool);
    index.ShrinkIfSparse(grant);
  }
  void Bury(Handle item, uint32_t list_index) {
    index.Bury(HashOfNumber(item), Find(item), {.list_index = list_index, .epoch = epoch.value()});
  }

  std::unique_ptr<Arena> arena;
  PagePool pool;
  Index index;
  GhostEpoch epoch;
  std::optional<Ghost> ghost;  // that the last insert met
};

TEST_CASE("The index finds every item while it grows, at about ten to thirteen bytes each") {
  constexpr Handle kItems = 300'000;
  IndexFixture f(200);
  for (Handle item = kFirst; item < kFirst + kItems; ++item) {
    REQUIRE(f.Insert(item));
  }
  for (Handle item = kFirst; item < kFirst + kItems; ++item) {
    REQUIRE(f.Find(item).handle() == item);
  }
  REQUIRE_FALSE(f.Find(kFirst + kItems));
  const double bytes_per_item = f.index.page_count() * double{kPageBytes} / kItems;
  REQUIRE(bytes_per_item < 13.0);
}

TEST_CASE("A lookup finds its item whichever slot it is to look at first") {
  IndexFixture f(8);
  for (Handle item = kFirst; item < kFirst + 500; ++item) {
    REQUIRE(f.Insert(item));
  }
  f.Bury(kFirst + 1, 3);
  int right_count = 0;
  for (Handle item = kFirst; item < kFirst + 500; ++item) {
    const uint64_t hash = HashOfNumber(item);
    const Index::Slot found = f.Find(item);
    REQUIRE(static_cast<bool>(found) == (item != kFirst + 1));
    for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
      const auto again = f.index.Find(hash, slot, [item](Handle handle) { return handle == item; });
      REQUIRE((again.bucket == found.bucket && again.index == found.index));
    }
    const Bucket* const bucket = f.index.PrefetchBucket(hash);
    const uint32_t likely = Index::PrefetchItem(*f.arena, *bucket, hash);
    REQUIRE((likely == kUnknownSlot || likely < Bucket::kSlots));
    right_count += bucket == found.bucket && likely == found.index ? 1 : 0;
  }
  REQUIRE(right_count > 400);  // but for overflow buckets and equal tags
}

TEST_CASE("Indexes that share a page need none of their own for their first few items") {
  IndexFixture f(8);
  Index neighbour(*f.arena, f.pool, kStartPage, kStartNumber + 1, 16, HashOfNumber);
  PageGrant none(f.pool);
  for (Handle item = kFirst; item < kFirst + 50; ++item) {
    REQUIRE(f.Insert(item));
    REQUIRE(neighbour.PrepareInsert(HashOfNumber(item), none));
    neighbour.Insert(HashOfNumber(item), item, f.epoch);
  }
  REQUIRE(f.index.page_count() == 0);
  for (Handle item = kFirst + 50; item < kFirst + 20'000; ++item) {
    REQUIRE(f.Insert(item));
  }
  REQUIRE(f.index.page_count() >= 3);
  for (Handle item = kFirst; item < kFirst + 20'000; ++item) {
    REQUIRE(f.Find(item).handle() == item);
    const Index::Slot other = neighbour.Find(HashOfNumber(item), kUnknownSlot,
                                             [item](Handle handle) { return handle == item; });
    REQUIRE(static_cast<bool>(other) == (item < kFirst + 50));
  }
}

TEST_CASE("Erased items are gone and their slots are used again") {
  IndexFixture f(50);
  for (Handle item = kFirst; item < kFirst + 20'000; ++item) {
    REQUIRE(f.Insert(item));
  }
  for (Handle item = kFirst; item < kFirst + 20'000; item += 2) {
    f.Erase(item);
  }
  for (Handle item = kFirst; item < kFirst + 20'000; ++item) {
    REQUIRE(static_cast<bool>(f.Find(item)) == (item % 2 != kFirst % 2));
  }
  const uint32_t pages = f.index.page_count();
  for (Handle item = kFirst; item < kFirst + 20'000; item += 2) {
    REQUIRE(f.Insert(item));
  }
  REQUIRE(f.index.page_count() == pages);
}

TEST_CASE("Without pages the table does not split, yet goes on until its chains need one") {
  IndexFixture f(2);
  Handle item = kFirst;
  while (f.Insert(item)) {
    ++item;
  }
  REQUIRE(f.index.bucket_count() == 1024);
  REQUIRE(item == kFirst + 1024 * 10);
  for (Handle stored = kFirst; stored < item; ++stored) {
    REQUIRE(f.Find(stored).handle() == stored);
  }
}

TEST_CASE("The index shrinks as it grew: every item is found, and the pages come back") {
  constexpr Handle kItems = 300'000;
  IndexFixture f(200);
  for (int round = 0; round < 3; ++round) {
    for (Handle item = kFirst; item < kFirst + kItems; ++item) {
      REQUIRE(f.Insert(item));
    }
    const uint32_t free_when_full = f.pool.free_count();
    uint32_t pages = f.index.page_count();
    // In an order that has nothing to do with that of the buckets, down to a tenth.
    for (Handle item = 0; item < kItems; ++item) {
      if (item % 10 != 0) {
        f.EraseAndShrink(kFirst + item);
        REQUIRE(f.index.page_count() <= pages);
        pages = f.index.page_count();
      }
    }
    REQUIRE(f.index.item_count() == kItems / 10);
    REQUIRE(f.index.bucket_count() <= kItems / 10 / 3 + 1);
    REQUIRE(pages <= kItems / 10 / 3 / 1024 + 3);
    REQUIRE(f.pool.free_count() > free_when_full + 30);
    for (Handle item = 0; item < kItems; ++item) {
      REQUIRE(static_cast<bool>(f.Find(kFirst + item)) == (item % 10 == 0));
    }
    for (Handle item = 0; item < kItems; item += 10) {
      f.EraseAndShrink(kFirst + item);
    }
    REQUIRE(f.index.bucket_count() == Index::kStartBuckets);
  }
  REQUIRE(f.pool.free_count() + f.index.page_count() == 200);
}

TEST_CASE("Growing and shrinking by turns, at the brink of the pages, keeps every item") {
  IndexFixture f(8);
  std::vector<bool> present(60'000);
  uint64_t state = 1;
  uint64_t count = 0;
  for (int step = 0; step < 1'000'000; ++step) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const auto item = static_cast<Handle>((state >> 33) % present.size());
    const bool fills = step / 100'000 % 2 == 0;  // by phases
    if (!present[item] && fills) {
      present[item] = f.Insert(kFirst + item);
      count += present[item] ? 1U : 0U;
    } else if (present[item] && !fills) {
      f.EraseAndShrink(kFirst + item);
      present[item] = false;
      --count;
    }
  }
  REQUIRE(f.index.item_count() == count);
  for (Handle item = 0; item < present.size(); ++item) {
    REQUIRE(static_cast<bool>(f.Find(kFirst + item)) == present[item]);
  }
}

TEST_CASE("Crawling bucket by bucket visits every item once, and may erase it") {
  IndexFixture f(50);
  std::vector<int> visits(20'000);
  for (Handle item = kFirst; item < kFirst + 20'000; ++item) {
    REQUIRE(f.Insert(item));
  }
  for (uint32_t bucket = 0; bucket < f.index.bucket_count(); ++bucket) {
    f.index.VisitBucket(bucket, [&](Handle item) {
      ++visits[item - kFirst];
      f.Erase(item);
    });
  }
  for (Handle item = kFirst; item < kFirst + 20'000; ++item) {
    REQUIRE(visits[item - kFirst] == 1);
  }
  REQUIRE(f.index.item_count() == 0);
}

TEST_CASE("An item that comes back soon meets its ghost, once; a late one or a stranger does not") {
  IndexFixture f(50);
  for (Handle item = kFirst; item < kFirst + 2'000; ++item) {
    REQUIRE(f.Insert(item));
    REQUIRE_FALSE(f.ghost);
  }
  const uint64_t items = f.index.item_count();
  f.Bury(kFirst, 7);
  f.Bury(kFirst + 1, 300);
  f.Erase(kFirst + 2);
  REQUIRE(f.index.item_count() == items - 3);
  REQUIRE_FALSE(f.Find(kFirst));

  REQUIRE(f.Insert(kFirst));
  REQUIRE(f.ghost.value().list_index == 7);
  f.Erase(kFirst);
  REQUIRE(f.Insert(kFirst));
  REQUIRE_FALSE(f.ghost);
  REQUIRE(f.Insert(kFirst + 2));
  REQUIRE_FALSE(f.ghost);

  for (uint32_t step = 1; step < GhostEpoch::kCount - 1; ++step) {
    f.epoch.Advance();
  }
  REQUIRE(f.Insert(kFirst + 1));
  REQUIRE(f.ghost.value().list_index == Ghost::kMaxList);
  f.Bury(kFirst + 1, 7);
  for (uint32_t step = 1; step < GhostEpoch::kCount; ++step) {
    f.epoch.Advance();
  }
  REQUIRE(f.Insert(kFirst + 1));
  REQUIRE_FALSE(f.ghost);
}

TEST_CASE("Ghosts cost no memory and stand in no item's way") {
  constexpr Handle kItems = 200'000;
  IndexFixture f(200);
  uint32_t pages = 0;
  uint32_t met = 0;
  for (Handle item = kFirst; item < kFirst + kItems; ++item) {
    REQUIRE(f.Insert(item));
    if (item >= kFirst + 20'000) {
      pages = pages == 0 ? f.index.page_count() : pages;
      f.Bury(item - 20'000, 1);
      REQUIRE(f.Find(item));
    }
  }
  REQUIRE(f.index.item_count() == 20'000);
  REQUIRE(f.index.page_count() <= pages + 1);
  for (Handle item = kFirst + kItems - 24'000; item < kFirst + kItems - 20'000; ++item) {
    REQUIRE(f.Insert(item));
    met += f.ghost ? 1U : 0U;
  }
  REQUIRE(met > 1'000);
}

}  // namespace
}  // namespace quarry::core
