#include "core/index.h"

#include <cstdint>
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

/// An index whose items are plain numbers: the handle is the item.
struct IndexFixture {
  explicit IndexFixture(uint32_t pages)
      : arena(*Arena::Reserve(pages)), pool(pages), index(*arena, pages, pool.Take()) {}

  bool Insert(Handle item) {
    const auto take = [this] {
      return pool.Take();
    };
    if (!index.PrepareInsert(HashOfNumber(item), take)) {
      return false;
    }
    index.Insert(HashOfNumber(item), item);
    index.GrowIfLoaded(take, [](Handle handle) { return HashOfNumber(handle); });
    return true;
  }
  Index::Slot Find(Handle item) const {
    return index.Find(HashOfNumber(item), [item](Handle handle) { return handle == item; });
  }

  std::unique_ptr<Arena> arena;
  PagePool pool;
  Index index;
};

TEST_CASE("The index finds every item while it grows, at about ten to thirteen bytes each") {
  constexpr Handle kItems = 300'000;
  IndexFixture f(200);
  for (Handle item = 1; item <= kItems; ++item) {
    REQUIRE(f.Insert(item));
  }
  for (Handle item = 1; item <= kItems; ++item) {
    REQUIRE(f.Find(item).handle() == item);
  }
  REQUIRE_FALSE(f.Find(kItems + 1));
  const double bytes_per_item = f.index.page_count() * double{kPageBytes} / kItems;
  REQUIRE(bytes_per_item < 13.0);
}

TEST_CASE("Erased items are gone and their slots are used again") {
  IndexFixture f(50);
  for (Handle item = 1; item <= 20'000; ++item) {
    REQUIRE(f.Insert(item));
  }
  for (Handle item = 1; item <= 20'000; item += 2) {
    f.index.Erase(f.Find(item));
  }
  for (Handle item = 1; item <= 20'000; ++item) {
    REQUIRE(static_cast<bool>(f.Find(item)) == (item % 2 == 0));
  }
  const uint32_t pages = f.index.page_count();
  for (Handle item = 1; item <= 20'000; item += 2) {
    REQUIRE(f.Insert(item));
  }
  REQUIRE(f.index.page_count() == pages);
}

TEST_CASE("Without pages the table does not split, yet goes on until its chains need one") {
  IndexFixture f(1);
  Handle item = 1;
  while (f.Insert(item)) {
    ++item;
  }
  REQUIRE(item > 1024 * 2);
  for (Handle stored = 1; stored < item; ++stored) {
    REQUIRE(f.Find(stored).handle() == stored);
  }
}

TEST_CASE("Crawling bucket by bucket visits every item once, and may erase it") {
  IndexFixture f(50);
  std::vector<int> visits(20'001);
  for (Handle item = 1; item <= 20'000; ++item) {
    REQUIRE(f.Insert(item));
  }
  for (uint32_t bucket = 0; bucket < f.index.bucket_count(); ++bucket) {
    f.index.VisitBucket(bucket, [&](Index::Slot slot) {
      ++visits[slot.handle()];
      f.index.Erase(slot);
    });
  }
  for (Handle item = 1; item <= 20'000; ++item) {
    REQUIRE(visits[item] == 1);
  }
  REQUIRE(f.index.item_count() == 0);
}

TEST_CASE("A tag matches its own slot among any neighbours") {
  Bucket bucket;
  bucket.Clear();
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    bucket.Set(slot, static_cast<uint16_t>(slot * 0x1111), slot + 1);
  }
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    REQUIRE(bucket.tag(slot) == slot * 0x1111);
    REQUIRE((bucket.Match(static_cast<uint16_t>(slot * 0x1111)) >> slot & 1) == 1);
  }
  REQUIRE(bucket.Match(0xabcd) == 0);
}

}  // namespace
}  // namespace quarry::core
