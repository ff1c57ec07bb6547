#include "tests/bench/hitratio/lru_cache.h"

#include <algorithm>
#include <deque>

#include "tests/bench/random.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

TEST_CASE("The key used longest ago makes room") {
  LruCache cache(2);
  REQUIRE_FALSE(cache.Use(1));
  REQUIRE_FALSE(cache.Use(2));
  REQUIRE(cache.Use(1));
  REQUIRE_FALSE(cache.Use(3));  // in the place of 2
  REQUIRE(cache.Use(1));
  REQUIRE_FALSE(cache.Use(2));  // in the place of 3
  REQUIRE_FALSE(cache.Use(3));
  REQUIRE(cache.item_count() == 2);
}

TEST_CASE("A cache of one item remembers the last key only") {
  LruCache cache(1);
  REQUIRE_FALSE(cache.Use(1));
  REQUIRE(cache.Use(1));
  REQUIRE_FALSE(cache.Use(2));
  REQUIRE_FALSE(cache.Use(1));
  REQUIRE(cache.item_count() == 1);
}

TEST_CASE("As many make room as a costly key needs, and one above the capacity changes nothing") {
  LruCache cache(10);
  REQUIRE_FALSE(cache.Use(1, 4));
  REQUIRE_FALSE(cache.Use(2, 3));
  REQUIRE_FALSE(cache.Use(3, 3));
  REQUIRE(cache.Use(1, 4));
  REQUIRE_FALSE(cache.Use(4, 11));
  REQUIRE(cache.item_count() == 3);
  REQUIRE_FALSE(cache.Use(5, 5));  // in the place of 2 and 3
  REQUIRE(cache.item_count() == 2);
  REQUIRE(cache.Use(1, 4));
  REQUIRE(cache.Use(5, 5));
  REQUIRE_FALSE(cache.Use(2, 1));
  REQUIRE(cache.item_count() == 3);
}

TEST_CASE("An LRU agrees with a plain list of keys over random requests") {
  constexpr size_t kItems = 50;
  LruCache cache(kItems);
  std::deque<uint64_t> model;
  Random random(5);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t key = random.Below(80);
    const auto found = std::find(model.begin(), model.end(), key);
    const bool expected = found != model.end();
    if (expected) {
      model.erase(found);
    } else if (model.size() == kItems) {
      model.pop_back();
    }
    model.push_front(key);
    REQUIRE(cache.Use(key) == expected);
    REQUIRE(cache.item_count() == model.size());
  }
}

}  // namespace
}  // namespace quarry::bench
