#include <optional>
#include <string>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

constexpr size_t kValueBytes = 1000;
/// More items of that size than 8 MB hold.
constexpr int kTooMany = 10'000;

/// A memory of one shard, in which up to a minute is temporary.
struct TemporaryFixture : EngineFixture {
  TemporaryFixture() : EngineFixture(OneShard()) { engine->SetTemporaryTtl(60); }

  static EngineOptions OneShard() {
    EngineOptions options = Memory(8);
    options.shard_count = 1;
    return options;
  }

  /// Stores `count` items that live for `ttl_sec`, or for ever.
  void Fill(const std::string& prefix, int count, std::optional<uint32_t> ttl_sec = std::nullopt) {
    const std::string value = Pattern(prefix, kValueBytes);
    for (int i = 0; i < count; ++i) {
      REQUIRE(Set(prefix + std::to_string(i), value, ttl_sec ? In(*ttl_sec) : kNever) ==
              StoreOutcome::kStored);
    }
  }
  /// Of the keys Fill made, those from `first` on that are there.
  int Kept(const std::string& prefix, int count, int first = 0) {
    int kept = 0;
    for (int i = first; i < count; ++i) {
      kept += Fetch(prefix + std::to_string(i), {.bump = false}) ? 1 : 0;
    }
    return kept;
  }
  void Touch(const std::string& key, Expiry expiry) {
    REQUIRE(Fetch(key, {.bump = false, .touch = true, .expiry = expiry}));
  }
  uint64_t temporary_items() const {
    uint64_t sum = 0;
    for (const ClassStats& each : Stats().classes) {
      REQUIRE(each.items == each.temporary_items + each.probation_items + each.protected_items);
      sum += each.temporary_items;
    }
    return sum;
  }
};

TEST_CASE("Where uses move an item, one that is stored again outlives one that came after it") {
  TemporaryFixture e;
  const bool flat = GENERATE(true, false);
  e.engine->SetFlatLru(flat);
  const Expiry expiry = flat ? kNever : e.In(60);
  const std::string value = Pattern("v", kValueBytes);
  e.Set("again", value, expiry);
  e.Set("once", value, expiry);
  e.Set("again", value, expiry);
  int stored = 0;
  while (e.Fetch("once", {.bump = false})) {
    REQUIRE(stored < kTooMany);
    e.Set("k" + std::to_string(stored++), value, expiry);
  }
  REQUIRE(e.Fetch("again", {.bump = false}));
}

TEST_CASE("What has at most the set seconds to live is temporary") {
  TemporaryFixture e;
  e.Set("never", "v");
  e.Set("long", "v", e.In(61));
  REQUIRE(e.temporary_items() == 0);
  e.Set("short", "v", e.In(60));
  e.Set("shorter", "v", e.In(1));
  e.Set("large", Pattern("large", 200'000), e.In(60));
  REQUIRE(e.temporary_items() == 3);
  e.Set("short", "w", e.In(100));
  e.Set("long", "w", e.In(10));
  REQUIRE(e.temporary_items() == 3);
  e.Delete("shorter");
  e.Delete("large");
  REQUIRE(e.temporary_items() == 1);
  REQUIRE(e.Get("long") == "w");
}

TEST_CASE("No item is temporary unless it is asked for, nor in plain LRU") {
  EngineFixture plain;
  REQUIRE_FALSE(plain.engine->temporary_ttl_sec());
  plain.Set("short", "v", plain.In(1));
  REQUIRE(plain.Stats().classes.at(0).temporary_items == 0);
  TemporaryFixture e;
  REQUIRE(e.engine->temporary_ttl_sec() == 60U);
  e.engine->SetFlatLru(true);
  e.Set("short", "v", e.In(1));
  REQUIRE(e.temporary_items() == 0);
}

TEST_CASE("A flood of temporary items takes a fifth of the memory and no more") {
  TemporaryFixture e;
  e.Fill("main", kTooMany);
  const int before = e.Kept("main", kTooMany);
  e.Fill("flood", 5 * kTooMany, 60);
  REQUIRE(e.Kept("main", kTooMany) >= before * 3 / 4);
  REQUIRE(e.temporary_items() * 5 <= e.Stats().items + 5);
  // Without the queue, nothing of what was not read would be left.
  e.engine->SetTemporaryTtl(std::nullopt);
  e.Fill("flood", 5 * kTooMany, 60);
  REQUIRE(e.Kept("main", kTooMany) < before / 10);
}

TEST_CASE("Temporary items are left to expire, and make room before others do") {
  TemporaryFixture e;
  e.Fill("main", kTooMany);
  e.Fill("short", 1000, 60);
  e.Fill("more", 5 * kTooMany);
  REQUIRE(e.Kept("short", 1000) == 1000);
  e.Wait(61);
  const ClassCounters before = e.Stats().class_totals;
  e.Fill("next", 900);
  const ClassCounters after = e.Stats().class_totals;
  REQUIRE(after.evicted == before.evicted);
  REQUIRE(after.reclaimed == before.reclaimed + 900);
}

TEST_CASE("Temporary items go in the order in which they came, whether they were read or not") {
  TemporaryFixture e;
  e.Fill("short", kTooMany, 60);
  const int first = kTooMany - e.Kept("short", kTooMany);
  REQUIRE(first > 0);
  for (int reads = 0; reads < 3; ++reads) {
    for (int i = first; i < first + 500; ++i) {
      REQUIRE(e.Get("short" + std::to_string(i)));
    }
  }
  e.Fill("new", 500, 60);
  REQUIRE(e.Kept("short", first + 500, first) <= 10);
  REQUIRE(e.Kept("short", kTooMany, first + 500) == kTooMany - first - 500);
  REQUIRE(e.Stats().class_totals.moves_to_protected == 0);
}

TEST_CASE("Temporary items leave no ghosts and fetch no pages") {
  TemporaryFixture e;
  e.Fill("short", 2 * kTooMany, 60);
  const uint64_t moved = e.Stats().counters.pages_moved;
  e.Fill("short", 2 * kTooMany, 60);
  REQUIRE(e.Stats().class_totals.ghost_hits == 0);
  REQUIRE(e.Stats().counters.pages_moved == moved);
}

TEST_CASE("What a touch lets live longer leaves the temporary items when its turn has come") {
  TemporaryFixture e;
  e.Fill("main", kTooMany);
  e.Fill("short", 100, 60);
  for (int i = 0; i < 100; i += 2) {
    e.Touch("short" + std::to_string(i), i % 4 == 0 ? kNever : e.In(1000));
  }
  REQUIRE(e.temporary_items() == 100);
  e.Fill("flood", 2 * kTooMany, 60);
  for (int i = 0; i < 100; ++i) {
    CAPTURE(i);
    REQUIRE(e.Get("short" + std::to_string(i)).has_value() == (i % 2 == 0));
  }
}

TEST_CASE("What a touch lets live shortly is not promoted when its turn has come") {
  TemporaryFixture e;
  e.Fill("main", 1000);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(e.Get("main" + std::to_string(i)));
    if (i % 2 == 0) {
      e.Touch("main" + std::to_string(i), e.In(60));
    }
  }
  // The touch has given them another header, and perhaps another class; either way they are new.
  e.engine->SetTemporaryTtl(std::nullopt);
  e.Fill("long", 1000, 1000);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(e.Get("long" + std::to_string(i)));
    e.Touch("long" + std::to_string(i), e.In(60));
  }
  e.engine->SetTemporaryTtl(60);
  const uint64_t before = e.temporary_items();
  e.Fill("more", kTooMany, 1000);
  REQUIRE(e.temporary_items() >= before + 900);
  REQUIRE(e.Kept("long", 1000) >= 900);
}

TEST_CASE("Switched off, the temporary items come among the others in their turn") {
  TemporaryFixture e;
  e.Fill("main", kTooMany);
  e.Fill("short", 1000, 60);
  REQUIRE(e.temporary_items() == 1000);
  e.engine->SetTemporaryTtl(std::nullopt);
  e.Fill("more", 100);
  REQUIRE(e.temporary_items() < 1000);
  e.Fill("more", kTooMany);
  REQUIRE(e.temporary_items() == 0);
}

TEST_CASE("Temporary items survive plain LRU and the way back") {
  TemporaryFixture e;
  e.Fill("short", 1000, 60);
  e.Set("large", Pattern("large", 200'000), e.In(60));
  e.engine->SetFlatLru(true);
  REQUIRE(e.Kept("short", 1000) == 1000);
  REQUIRE(e.Get("short0"));
  REQUIRE(e.Get("large"));
  e.Fill("more", 2 * kTooMany);
  e.engine->SetFlatLru(false);
  e.Fill("more", 2 * kTooMany, 60);
  REQUIRE(e.Get("more" + std::to_string(2 * kTooMany - 1)));
}

TEST_CASE("A memory full of temporary items of one size takes other sizes") {
  TemporaryFixture e;
  e.Fill("short", kTooMany, 60);
  for (const size_t bytes : {size_t{10}, size_t{5000}, size_t{20'000}, size_t{900'000}}) {
    CAPTURE(bytes);
    REQUIRE(e.Set("short" + std::to_string(bytes), Pattern("s", bytes), e.In(60)) ==
            StoreOutcome::kStored);
    REQUIRE(e.Set("main" + std::to_string(bytes), Pattern("m", bytes)) == StoreOutcome::kStored);
    REQUIRE(e.Get("main" + std::to_string(bytes)) == Pattern("m", bytes));
  }
  REQUIRE(e.Stats().counters.store_no_memory == 0);
}

}  // namespace
}  // namespace quarry::core
