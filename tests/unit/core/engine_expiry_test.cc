#include <string>
#include <vector>

#include "core/engine.h"
#include "core/expiry_pages.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

/// Keys of one prefix are of one length.
std::string Name(const std::string& prefix, int number) {
  return prefix + std::to_string(100'000 + number);
}

/// Stores `count` values under keys of this prefix.
void Fill(EngineFixture& e, const std::string& prefix, int count, size_t value_bytes,
          Expiry expiry = kNever) {
  const std::string value = Pattern(prefix, value_bytes);
  for (int i = 0; i < count; ++i) {
    REQUIRE(e.Set(Name(prefix, i), value, expiry) == StoreOutcome::kStored);
  }
}

int CountHeld(EngineFixture& e, const std::string& prefix, int count) {
  int held = 0;
  for (int i = 0; i < count; ++i) {
    held += e.Fetch(Name(prefix, i)) ? 1 : 0;
  }
  return held;
}

/// Lets seconds pass as they do for a daemon.
void Live(EngineFixture& e, uint32_t seconds) {
  for (uint32_t i = 0; i < seconds; ++i) {
    e.Wait(1);
    e.engine->Maintain(e.now);
  }
}

void Touch(EngineFixture& e, const std::string& key, Expiry expiry) {
  REQUIRE(e.Fetch(key, {.touch = true, .expiry = expiry}));
}

TEST_CASE("Items that have ended make room before any that lives is evicted") {
  EngineFixture e(EngineFixture::Memory(8));
  Fill(e, "old", 6000, 500);
  Fill(e, "end", 6000, 500, e.In(30));
  REQUIRE(e.Stats().class_totals.evicted == 0);
  e.Wait(30 + ExpiryPages::kBeatSec);
  Fill(e, "new", 6000, 500);
  REQUIRE(e.Stats().class_totals.evicted == 0);
  REQUIRE(e.Stats().class_totals.reclaimed > 0);
  REQUIRE(CountHeld(e, "old", 6000) == 6000);
  REQUIRE(CountHeld(e, "new", 6000) == 6000);
}

TEST_CASE("Flushed items that were read make room for others before many that live are evicted") {
  EngineFixture e(EngineFixture::Memory(16, 1));
  int old_count = 0;
  for (; e.Stats().class_totals.evicted == 0; ++old_count) {
    e.Set("old" + std::to_string(old_count), "v");
  }
  for (int i = 0; i < old_count; i += 10) {
    e.Get("old" + std::to_string(i));
  }
  e.engine->Flush(kNever, e.now);
  constexpr int kCount = 50'000;
  const std::string value(100, 'v');
  for (int i = 0; i < kCount; ++i) {
    e.Set("new" + std::to_string(i), value);
  }
  int kept = 0;
  for (int i = 0; i < kCount; ++i) {
    kept += e.Get("new" + std::to_string(i)) ? 1 : 0;
  }
  REQUIRE(kept > kCount / 5 * 4);
}

TEST_CASE("Items that have ended make room for larger ones before any that lives is evicted") {
  EngineFixture e(EngineFixture::Memory(8));
  Fill(e, "old", 6000, 500);
  Fill(e, "end", 6000, 500, e.In(30));
  e.Wait(30 + ExpiryPages::kBeatSec);
  Fill(e, "large", 6, 300'000);
  REQUIRE(e.Stats().class_totals.evicted == 0);
  REQUIRE(CountHeld(e, "old", 6000) == 6000);
}

TEST_CASE("Large items that have ended make room before any that lives is evicted") {
  EngineFixture e(EngineFixture::Memory(8));
  Fill(e, "lives", 4, 300'000);
  Fill(e, "medium", 100, 20'000, e.In(30));
  Fill(e, "ends", 5, 600'000, e.In(30));
  REQUIRE(e.Stats().class_totals.evicted == 0);
  e.Wait(30 + ExpiryPages::kBeatSec);
  Fill(e, "new", 12, 300'000);
  REQUIRE(e.Stats().class_totals.evicted == 0);
  REQUIRE(CountHeld(e, "lives", 4) == 4);
}

TEST_CASE("Maintenance frees what has ended within a beat, and nothing before") {
  for (const size_t value_bytes : {10U, 1000U, 20'000U, 200'000U}) {
    EngineFixture e(EngineFixture::Memory(32));
    const uint64_t free_pages = e.Stats().pages_free;
    CAPTURE(value_bytes);
    Fill(e, "k", 100, value_bytes, e.In(30));
    Live(e, 29);
    REQUIRE(e.Stats().items == 100);
    Live(e, ExpiryPages::kBeatSec + 1);
    REQUIRE(e.Stats().items == 0);
    REQUIRE(e.Stats().class_totals.reclaimed == 100);
    REQUIRE(e.Stats().class_totals.crawler_reclaimed == 100);
    REQUIRE(e.Stats().class_totals.expired_unfetched == 100);
    if (value_bytes == 200'000) {
      REQUIRE(e.Stats().pages_free > free_pages - 10);
    }
  }
}

TEST_CASE("Of lifetimes of every length hardly any item outlives its end, and all live to it") {
  EngineFixture e(EngineFixture::Memory(32));
  constexpr int kItems = 20'000;
  constexpr int kLongest = 500;
  for (int i = 0; i < kItems; ++i) {
    e.Set("k" + std::to_string(i), "value", e.In(1 + static_cast<uint32_t>(i) % kLongest));
  }
  for (uint32_t second = 1; second <= kLongest; ++second) {
    Live(e, 1);
    const uint64_t living = uint64_t{kItems} / kLongest * (kLongest - second);
    const uint64_t lately = uint64_t{kItems} / kLongest * (ExpiryPages::kBeatSec + 10);
    REQUIRE(e.Stats().items >= living);
    REQUIRE(e.Stats().items <= living + lately + kItems / 16);
  }
}

TEST_CASE("A touched item lives on to its new end and is freed then") {
  EngineFixture e(EngineFixture::Memory(32));
  Fill(e, "longer", 500, 100, e.In(30));
  Fill(e, "shorter", 500, 100, e.In(3000));
  Fill(e, "for-ever", 500, 100, e.In(30));
  for (int i = 0; i < 500; ++i) {
    Touch(e, Name("longer", i), e.In(100));
    Touch(e, Name("shorter", i), e.In(10));
    Touch(e, Name("for-ever", i), kNever);
  }
  Live(e, 10 + ExpiryPages::kBeatSec);
  REQUIRE(e.Stats().items >= 1000);
  REQUIRE(e.Stats().items <= 1000 + 500 / 16);
  Live(e, 40);
  REQUIRE(CountHeld(e, "longer", 500) == 500);
  Live(e, 50);
  REQUIRE(e.Stats().items == 500);
  REQUIRE(CountHeld(e, "for-ever", 500) == 500);
}

TEST_CASE("An item that was moved to another page, or another size, is freed at its end") {
  EngineFixture e(EngineFixture::Memory(8));
  Fill(e, "ends", 6000, 1000, e.In(100));
  Fill(e, "grows", 100, 10, e.In(100));
  Fill(e, "grows", 100, 3000, e.In(100));
  REQUIRE(CountHeld(e, "ends", 6000) > 5000);
  e.Wait(50);
  Fill(e, "new", 8, 500'000);
  REQUIRE(e.Stats().counters.items_rescued > 100);
  REQUIRE(CountHeld(e, "ends", 6000) > 100);
  Live(e, 50 + ExpiryPages::kBeatSec);
  const EngineStats before = e.Stats();
  REQUIRE(before.items <= 8);
  REQUIRE(CountHeld(e, "ends", 6000) + CountHeld(e, "grows", 100) == 0);
  REQUIRE(e.Stats().items == before.items);  // nothing was left for the look-ups to free
}

TEST_CASE("A flood of touches and replacements takes no memory") {
  EngineFixture e(EngineFixture::Memory(8));
  Fill(e, "k", 1000, 100, e.In(50));
  const uint64_t free_pages = e.Stats().pages_free;
  for (uint32_t i = 0; i < 100'000; ++i) {
    const std::string key = Name("k", static_cast<int>(i % 1000));
    if (i % 2 == 0) {
      Touch(e, key, e.In(50 + i % 100));
    } else {
      e.Set(key, Pattern("k", 100), e.In(50 + i % 100));
    }
  }
  REQUIRE(e.Stats().pages_free == free_pages);
  REQUIRE(e.Stats().items == 1000);
}

TEST_CASE("A large item does not wait for its neighbours' end") {
  EngineFixture e(EngineFixture::Memory(32));
  Fill(e, "long", 200, 10'000, e.In(5000));
  Fill(e, "short", 2, 10'000, e.In(20));
  Live(e, 20 + ExpiryPages::kBeatSec);
  REQUIRE(e.Stats().items == 200);
}

TEST_CASE("Large items whose heads lie behind their values are freed at their end, all of them") {
  EngineFixture e(EngineFixture::Memory(32));
  const uint64_t free_pages = e.Stats().pages_free;
  Fill(e, "short", 20, 2 * kPageBytes - 300, e.In(20));
  Fill(e, "long", 20, 2 * kPageBytes - 300, e.In(5000));
  REQUIRE(e.Stats().pages_free == free_pages - 80);
  Live(e, 20 + ExpiryPages::kBeatSec);
  REQUIRE(e.Stats().items == 20);
  REQUIRE(e.Stats().pages_free == free_pages - 40);
  REQUIRE(e.Stats().class_totals.crawler_reclaimed == 20);
}

TEST_CASE("A large item that has ended keeps its memory until its last reader is done") {
  EngineFixture e(EngineFixture::Memory(32));
  // Its head in a chunk, or behind the value.
  const size_t bytes = GENERATE(size_t{300'000}, 5 * kPageBytes - 500);
  const std::string value = Pattern("pinned", bytes);
  e.Set("pinned", value, e.In(20));
  const uint64_t free_pages = e.Stats().pages_free;
  {
    const Pin pin = e.PinOf("pinned");
    Live(e, 20 + ExpiryPages::kBeatSec);
    REQUIRE(e.Stats().items == 0);
    REQUIRE(e.Stats().pages_free == free_pages);
    REQUIRE(BytesOf(pin) == value);
  }
  REQUIRE(e.Stats().pages_free > free_pages);
}

TEST_CASE("Without eviction a memory full of what has ended takes again") {
  EngineOptions options = EngineFixture::Memory(8);
  options.evict = false;
  EngineFixture e(options);
  const std::string value = Pattern("k", 1000);
  int stored = 0;
  while (e.Set("k" + std::to_string(stored), value, e.In(30)) == StoreOutcome::kStored) {
    ++stored;
  }
  e.Wait(30 + ExpiryPages::kBeatSec);
  Fill(e, "new", stored, 1000);
}

/// One shard and its surroundings, to see single lock holds.
struct ShardFixture {
  ShardFixture()
      : arena(std::move(Arena::Reserve(200)).value()),
        pool(*arena, 199, kIndexStartPage + 1),
        shard({*arena,
               pool,
               classes,
               turns,
               {},
               flat,
               rebalancing,
               temporary_ttl_sec,
               1,
               kIndexStartPage},
              lists, 0) {
    Index::AdoptPage(*arena, kIndexStartPage);
  }

  void Fill(int count, Expiry expiry) {
    PageGrant pages(pool);
    const MutexLock lock(shard.mutex());
    for (int i = 0; i < count; ++i) {
      const std::string name = "k" + std::to_string(i);
      const Key key{name, HashKey(name, 1)};
      while (!shard.Store(key, {.expiry = expiry}, "value", now, pages)) {
        pages.Add(pool.Take());
      }
    }
  }
  uint64_t Reclaimed() {
    EngineStats stats;
    std::vector<ClassStats> list_stats(classes.list_count());
    const MutexLock lock(shard.mutex());
    shard.AddStats(stats, list_stats, now);
    uint64_t reclaimed = 0;
    for (const ClassStats& list : list_stats) {
      reclaimed += list.counters.reclaimed;
    }
    return reclaimed;
  }
  bool FreeDueItems() {
    PageGrant pages(pool);
    const MutexLock lock(shard.mutex());
    return shard.FreeDueItems(Shard::Reclaimer::kCrawler, now, pages);
  }

  static constexpr uint32_t kIndexStartPage = 1;

  Instant now{100, 100};
  std::unique_ptr<Arena> arena;
  PagePool pool;
  SlabClasses classes{32, 1.04};
  LargeTurns turns;
  std::atomic<bool> flat{false};
  std::atomic<bool> rebalancing{true};
  std::atomic<int64_t> temporary_ttl_sec{-1};
  std::vector<ItemList> lists{classes.list_count()};
  Shard shard;
};

TEST_CASE("Many items of the same end are freed some dozen at a time") {
  ShardFixture f;
  f.Fill(20'000, 200);
  REQUIRE_FALSE(f.FreeDueItems());
  f.now = {200 + ExpiryPages::kBeatSec, 200 + ExpiryPages::kBeatSec};
  uint64_t before = 0;
  while (f.FreeDueItems()) {
    const uint64_t after = f.Reclaimed();
    REQUIRE(after - before <= 64);
    before = after;
  }
  REQUIRE(f.Reclaimed() == 20'000);
}

TEST_CASE("A second's looks at pages that have nothing to free are bounded") {
  ShardFixture f;
  f.Fill(20'000, 200);
  for (uint32_t second = 201; second < 230; ++second) {
    f.now = {second - 100, second - 100};
    f.Fill(20'000, 200 + second);
    f.now = {second, second};
    int looks = 0;
    while (f.FreeDueItems()) {
      ++looks;
    }
    REQUIRE(looks <= 300);
  }
  REQUIRE(f.Reclaimed() == 0);
}

/// Memory in which nothing is evicted, full of small values without expiry; returns how many.
int FillForGood(EngineFixture& e) {
  int count = 0;
  while (e.Set(std::to_string(count), std::string(300, 'x')) == StoreOutcome::kStored) {
    ++count;
  }
  return count;
}

EngineOptions WithoutEviction() {
  EngineOptions options = EngineFixture::Memory(16);
  options.evict = false;
  return options;
}

TEST_CASE("Where nothing is evicted a full memory has room for every item's new expiry") {
  EngineFixture e(WithoutEviction());
  const int count = FillForGood(e);
  for (int i = 0; i < count; ++i) {
    const auto hit = e.Fetch(std::to_string(i), {.touch = true, .expiry = e.In(100)});
    REQUIRE(hit.has_value());
    REQUIRE(hit->expiry_before == kNever);
    REQUIRE(hit->item.expiry == e.In(100));
  }
}

TEST_CASE("Where nothing is evicted values of any size follow a flush at once") {
  EngineFixture e(WithoutEviction());
  FillForGood(e);
  REQUIRE(e.Set("medium", std::string(3000, 'm')) == StoreOutcome::kNoMemory);
  e.engine->Flush(kNever, e.now);
  REQUIRE(e.Set("medium", std::string(3000, 'm')) == StoreOutcome::kStored);
  REQUIRE(e.Set("large", std::string(900'000, 'l')) == StoreOutcome::kStored);
  REQUIRE(e.Get("medium") == std::string(3000, 'm'));
  const int count = FillForGood(e);
  REQUIRE(e.Get("medium") == std::string(3000, 'm'));
  REQUIRE(e.Fetch("large")->item.value_bytes == 900'000);
  REQUIRE(e.Fetch("0").has_value());
  REQUIRE(e.Fetch(std::to_string(count - 1)).has_value());
}

TEST_CASE("Where nothing is evicted what was flushed goes, though its page holds what was not") {
  EngineFixture e(WithoutEviction());
  e.engine->SetFlatLru(true);
  const int count = FillForGood(e);
  for (int step = 0; step < 17; ++step) {  // so that a page's items do not end one after the other
    for (int i = step; i < count; i += 17) {
      REQUIRE(e.Fetch(std::to_string(i)));
    }
  }
  e.engine->Flush(kNever, e.now);
  const auto store = [&e](int i) {
    return e.Set("n" + std::to_string(i), std::string(300, 'n')) == StoreOutcome::kStored;
  };
  int stored = 0;
  while (stored < count / 2) {
    REQUIRE(store(stored++));
  }
  for (int i = 0; i < 50; ++i) {  // no page is free of what was stored since
    e.Set("medium" + std::to_string(i), std::string(3000, 'm'));
  }
  while (store(stored)) {
    ++stored;
  }
  REQUIRE(stored > count / 3 * 2);
}

}  // namespace
}  // namespace quarry::core
