#include "tests/bench/engine/engine_stock.h"

#include <set>
#include <string>

#include "tests/bench/engine/numbered_key.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

using Room = FilledEngine::Room;

constexpr uint64_t kItems = 100'000;

TEST_CASE("Numbered keys differ, keep to their range of lengths, and use all of it") {
  NumberedKey key;
  std::set<std::string> keys;
  std::set<size_t> lengths;
  for (uint64_t number = 0; number < 5000; ++number) {
    keys.emplace(key.Of(number));
    lengths.insert(key.Of(number).size());
  }
  REQUIRE(keys.size() == 5000);
  REQUIRE(*lengths.begin() == 20);
  REQUIRE(*lengths.rbegin() == 40);
  REQUIRE(lengths.size() == 21);
}

TEST_CASE("An engine with plenty of room holds every item") {
  FilledEngine filled(Room::kPlenty, kItems);
  const core::EngineStats stats = filled.engine().Stats(kBenchNow);
  REQUIRE(stats.items == kItems);
  REQUIRE(stats.class_totals.evicted == 0);
}

TEST_CASE("An engine without room holds about as many items as asked for, and evicts") {
  FilledEngine filled(Room::kNone, kItems);
  const core::EngineStats stats = filled.engine().Stats(kBenchNow);
  REQUIRE(stats.items > kItems * 8 / 10);
  REQUIRE(stats.items < kItems * 12 / 10);
  REQUIRE(stats.class_totals.evicted > 0);

  NumberedKey key;
  const uint64_t first = filled.TakeFreshNumbers(1);
  REQUIRE(filled.TakeFreshNumbers(5) == first + 1);
  bool hit = false;
  filled.engine().Get(filled.engine().MakeKey(key.Of(first)), {}, kBenchNow,
                      [&hit](const core::Fetched&, const core::Pin&) { hit = true; });
  REQUIRE_FALSE(hit);
}

TEST_CASE("The stock keeps the engine that was asked for last") {
  EngineStock stock;
  const core::Engine* const first = &stock.Filled(Room::kPlenty, kItems).engine();
  REQUIRE(&stock.Filled(Room::kPlenty, kItems).engine() == first);
  REQUIRE(stock.Filled(Room::kNone, kItems).room() == Room::kNone);
}

}  // namespace
}  // namespace quarry::bench
