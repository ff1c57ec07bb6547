#include "core/crawler.h"

#include <numeric>
#include <string>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

constexpr int kItems = 10'000;

/// Items of two classes that were flushed: nothing but a crawl finds them.
struct FlushedFixture : EngineFixture {
  FlushedFixture() : EngineFixture(Memory(64)) {
    for (int i = 0; i < kItems; ++i) {
      Set("small" + std::to_string(i), "value");
      Set("large" + std::to_string(i), Pattern("large", 1000));
    }
    engine->Flush(kNever, now);
  }

  std::vector<uint32_t> AllClasses() const {
    std::vector<uint32_t> ids(engine->class_count());
    std::iota(ids.begin(), ids.end(), 1U);
    return ids;
  }
  CrawlOutcome Crawl(const std::vector<uint32_t>& class_ids) {
    return engine->StartCrawl(class_ids, now);
  }
  void Second() {
    Wait(1);
    engine->Maintain(now);
  }
};

TEST_CASE("A crawl that was asked for frees what was flushed, at its pace") {
  FlushedFixture e;
  e.engine->crawler().SetPauseUs(50'000);
  REQUIRE(e.Crawl(e.AllClasses()) == CrawlOutcome::kStarted);
  REQUIRE(e.Crawl(e.AllClasses()) == CrawlOutcome::kBusy);
  REQUIRE(e.Stats().crawler_running == 1);
  e.Second();
  const uint64_t after_a_second = e.Stats().items;
  REQUIRE(after_a_second < 2 * kItems);
  REQUIRE(after_a_second > kItems);
  e.engine->crawler().SetPauseUs(0);
  e.Wait(1);
  // In parts, each of which frees no more than what some 16 holds find in 16 buckets each.
  bool goes_on = true;
  for (uint64_t left = after_a_second; goes_on; left = e.Stats().items) {
    goes_on = e.engine->MaintainShard(0, e.now);
    REQUIRE(left - e.Stats().items < kItems / 2);
  }
  REQUIRE(e.Stats().items == 0);
  REQUIRE(e.Stats().crawler_running == 0);
  REQUIRE(e.Stats().crawler_starts == 1);
  REQUIRE(e.Stats().class_totals.crawler_reclaimed == 2 * kItems);
  REQUIRE(e.Stats().class_totals.reclaimed == 2 * kItems);
  REQUIRE(e.Stats().class_totals.crawler_checked == 2 * kItems);
  REQUIRE(e.Crawl(e.AllClasses()) == CrawlOutcome::kNoItems);
}

TEST_CASE("A crawl misses nothing although the index shrinks under it") {
  EngineOptions options = EngineFixture::Memory(64);
  options.shard_count = 2;
  EngineFixture e(options);
  constexpr int kManyItems = 200'000;
  for (int i = 0; i < kManyItems; ++i) {
    REQUIRE(e.Set("k" + std::to_string(i), "v", e.In(30)) == StoreOutcome::kStored);
  }
  const uint64_t buckets = e.Stats().index_buckets;
  std::vector<uint32_t> all(e.engine->class_count());
  std::iota(all.begin(), all.end(), 1U);
  e.Wait(31);
  e.engine->crawler().SetPauseUs(0);
  REQUIRE(e.engine->StartCrawl(all, e.now) == CrawlOutcome::kStarted);
  while (e.engine->MaintainShard(0, e.now)) {  // and nothing but the crawl in the other shard
  }
  REQUIRE(e.Stats().crawler_running == 0);
  REQUIRE(e.Stats().items == 0);
  REQUIRE(e.Stats().index_buckets < buckets / 4);
}

TEST_CASE("A crawl looks at the classes it was asked for and no others") {
  FlushedFixture e;
  e.Set("living", "value");
  std::vector<uint32_t> small_classes;
  for (const ClassStats& each : e.Stats().classes) {
    if (each.chunk_bytes < 100 && each.items > 0) {
      small_classes.push_back(each.class_id);
    }
  }
  REQUIRE(e.Crawl(small_classes) == CrawlOutcome::kStarted);
  e.Second();
  REQUIRE(e.Stats().crawler_running == 0);
  for (const ClassStats& each : e.Stats().classes) {
    if (each.chunk_bytes < 100) {
      REQUIRE(each.items <= 1);
    }
  }
  REQUIRE(e.Stats().items > kItems * 9 / 10);
  REQUIRE(e.Get("living"));
}

TEST_CASE("A crawl looks at no more items of a class than its limit") {
  FlushedFixture e;
  e.engine->crawler().SetItemLimit(100);
  REQUIRE(e.Crawl(e.AllClasses()) == CrawlOutcome::kStarted);
  e.Second();
  REQUIRE(e.Stats().crawler_running == 0);
  const uint64_t background = 2 * kItems / 100;
  REQUIRE(e.Stats().class_totals.crawler_checked >= 200);
  REQUIRE(e.Stats().class_totals.crawler_checked <= 100 * e.Stats().classes.size() + background);
}

TEST_CASE("Switched off, the background does nothing, and a store still takes from the dead") {
  EngineFixture e(EngineFixture::Memory(8));
  REQUIRE(e.engine->crawler().SetEnabled(false));
  REQUIRE_FALSE(e.engine->crawler().SetEnabled(false));
  for (int i = 0; i < 5000; ++i) {
    e.Set("k" + std::to_string(10'000 + i), Pattern("k", 1000), e.In(10));
  }
  for (int i = 0; i < 30; ++i) {
    e.Wait(1);
    e.engine->Maintain(e.now);
  }
  REQUIRE(e.Stats().items == 5000);
  const std::vector<uint32_t> first_class = {1};
  REQUIRE(e.engine->StartCrawl(first_class, e.now) == CrawlOutcome::kDisabled);
  for (int i = 0; i < 5000; ++i) {
    e.Set("n" + std::to_string(10'000 + i), Pattern("n", 1000));
  }
  REQUIRE(e.Stats().class_totals.evicted == 0);
  REQUIRE(e.Stats().class_totals.reclaimed > 0);
  REQUIRE(e.Stats().class_totals.crawler_reclaimed == 0);
}

}  // namespace
}  // namespace quarry::core
