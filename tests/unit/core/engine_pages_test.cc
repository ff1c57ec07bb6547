#include <optional>
#include <string>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

/// An engine of one shard whose test moves pages between classes.
struct PagesFixture : EngineFixture {
  using EngineFixture::EngineFixture;

  static EngineOptions OneShard(uint64_t mib) {
    EngineOptions options = Memory(mib);
    options.shard_count = 1;
    return options;
  }

  void Fill(const std::string& prefix, size_t value_bytes, int count) {
    for (int i = 0; i < count; ++i) {
      REQUIRE(Set(prefix + std::to_string(i), Pattern(prefix, value_bytes)) ==
              StoreOutcome::kStored);
    }
  }
  /// The class that the item of `key` is in.
  uint32_t ClassOf(const std::string& key) { return Fetch(key).value().item.class_id - 1; }
  uint64_t PagesOf(uint32_t class_index) const {
    for (const ClassStats& each : Stats().classes) {
      if (each.class_id == class_index + 1) {
        REQUIRE(each.used_chunks + each.free_chunks == each.total_pages * each.chunks_per_page);
        return each.total_pages;
      }
    }
    return 0;
  }
  bool Move(std::optional<uint32_t> from, std::optional<uint32_t> to) const {
    return engine->MovePage(from, to, now);
  }
};

TEST_CASE("A page moves to another class, which stores in it") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("old", 1000, 1000);
  e.Fill("new", 100, 10);
  const uint32_t from = e.ClassOf("old0");
  const uint32_t to = e.ClassOf("new0");
  const uint64_t before = e.PagesOf(from);
  for (uint64_t moved = 1; moved <= 3; ++moved) {
    REQUIRE(e.Move(from, to));
    REQUIRE(e.PagesOf(from) == before - moved);
    REQUIRE(e.PagesOf(to) == 1 + moved);
    REQUIRE(e.Stats().counters.pages_moved == moved);
  }
  e.Fill("more", 100, 1800);
  REQUIRE(e.Get("new0") == Pattern("new", 100));
  REQUIRE(e.Get("more1799") == Pattern("more", 100));
  REQUIRE(e.PagesOf(to) == 4);
}

TEST_CASE("What was read or stored again is rescued from a page that is moved") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("k", 1000, 1000);
  const uint32_t from = e.ClassOf("k0");
  for (int i = 0; i < 1000; i += 4) {
    REQUIRE(e.Get("k" + std::to_string(i)));
    REQUIRE(e.Set("k" + std::to_string(i + 2), Pattern("k", 1000)) == StoreOutcome::kStored);
  }
  REQUIRE(e.Move(from, std::nullopt));
  int kept = 0;
  for (int i = 0; i < 1000; i += 2) {
    kept += e.Get("k" + std::to_string(i)) == Pattern("k", 1000) ? 1 : 0;
  }
  REQUIRE(kept == 500);
  REQUIRE(e.Stats().counters.items_rescued > 0);
  REQUIRE(e.Stats().counters.parts_rescued == 0);
  REQUIRE(e.Stats().class_totals.evicted > 0);
}

TEST_CASE("Parts of larger items are rescued from a page of blocks") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("k", 20'000, 100);
  const uint32_t blocks = e.ClassOf("k0");
  REQUIRE(blocks == e.engine->slab_classes().block_class());
  REQUIRE(e.Move(blocks, std::nullopt));
  REQUIRE(e.Stats().counters.parts_rescued > 0);
  uint64_t kept = 0;
  for (int i = 0; i < 100; ++i) {
    const auto value = e.Get("k" + std::to_string(i));
    REQUIRE((!value || *value == Pattern("k", 20'000)));
    kept += value ? 1U : 0U;
  }
  REQUIRE(kept >= 90);
}

TEST_CASE("A page goes to the pool, and the pool's free pages grow by it") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("k", 1000, 500);
  const uint64_t free_pages = e.Stats().pages_free;
  REQUIRE(e.Move(e.ClassOf("k0"), std::nullopt));
  REQUIRE(e.Stats().pages_free == free_pages + 1);
}

TEST_CASE("A class gives all it has, and then nothing") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("k", 1000, 500);
  const uint32_t from = e.ClassOf("k0");
  const uint32_t never_used = e.engine->slab_classes().ClassFor(3000);
  for (uint64_t left = e.PagesOf(from); left > 0; --left) {
    REQUIRE(e.Move(from, std::nullopt));
  }
  REQUIRE(e.PagesOf(from) == 0);
  REQUIRE(e.Stats().items == 0);
  REQUIRE_FALSE(e.Move(from, std::nullopt));
  REQUIRE_FALSE(e.Move(never_used, from));
  e.Fill("k", 1000, 500);
  REQUIRE(e.Get("k499"));
}

TEST_CASE("Any class but the destination gives the page whose items have waited longest") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("dst", 100, 10);
  e.Wait(10);
  e.Fill("old", 1000, 100);
  e.Wait(10);
  e.Fill("new", 500, 100);
  const uint32_t to = e.ClassOf("dst0");
  const uint32_t old_class = e.ClassOf("old99");
  const uint64_t old_pages = e.PagesOf(old_class);
  REQUIRE(e.Move(std::nullopt, to));
  REQUIRE(e.PagesOf(old_class) == old_pages - 1);
  REQUIRE(e.PagesOf(to) == 2);
  REQUIRE(e.Get("dst0"));
  REQUIRE(e.Get("new0"));
}

TEST_CASE("A page that was moved and never used can be moved on, and serves who needs it") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("k", 1000, 20'000);
  const uint32_t from = e.ClassOf("k19999");
  const uint32_t unused = e.engine->slab_classes().ClassFor(3000);
  REQUIRE(e.Move(from, unused));
  REQUIRE(e.PagesOf(unused) == 1);
  const uint64_t evicted = e.Stats().class_totals.evicted;
  REQUIRE(e.Move(unused, from));
  REQUIRE(e.PagesOf(unused) == 0);
  REQUIRE(e.Move(from, unused));
  REQUIRE(e.Stats().class_totals.evicted == evicted);  // it went back and forth without an item
  e.engine->SetRebalancing(false);
  REQUIRE(e.Set("other", Pattern("other", 300)) == StoreOutcome::kStored);
  REQUIRE(e.PagesOf(unused) == 0);
}

TEST_CASE("Pages of all shards can be moved, one at a time") {
  EngineOptions options = EngineFixture::Memory(32);
  options.shard_count = 4;
  PagesFixture e(options);
  e.Fill("k", 1000, 8000);
  const uint32_t from = e.ClassOf("k0");
  const uint64_t pages = e.PagesOf(from);
  for (uint64_t moved = 0; moved < pages; ++moved) {
    REQUIRE(e.Move(from, 0));
  }
  REQUIRE(e.PagesOf(from) == 0);
  REQUIRE(e.PagesOf(0) == pages);
  REQUIRE_FALSE(e.Move(from, 0));
}

TEST_CASE("A page with a value that is being read stays") {
  PagesFixture e(PagesFixture::OneShard(8));
  e.Fill("k", 20'000, 1);
  const uint32_t blocks = e.ClassOf("k0");
  {
    const Pin pin = e.PinOf("k0");
    REQUIRE_FALSE(e.Move(blocks, std::nullopt));
    REQUIRE(e.Get("k0") == Pattern("k", 20'000));
  }
  REQUIRE(e.Move(blocks, std::nullopt));
}

TEST_CASE("Without eviction only pages that hold nothing are moved") {
  EngineOptions options = PagesFixture::OneShard(8);
  options.evict = false;
  PagesFixture e(options);
  e.Fill("k", 1000, 100);
  const uint32_t from = e.ClassOf("k0");
  REQUIRE_FALSE(e.Move(from, std::nullopt));
  for (int i = 0; i < 100; ++i) {
    e.Delete("k" + std::to_string(i));
  }
  REQUIRE(e.Move(from, std::nullopt));
}

/// Pages that the classes of old values have lost after a full memory of them has seen `count`
/// requests for others that nearly fit beside them.
uint64_t PagesMoved(bool rebalancing) {
  PagesFixture e(PagesFixture::OneShard(8));
  e.engine->SetRebalancing(rebalancing);
  REQUIRE(e.engine->rebalancing() == rebalancing);
  e.Fill("old", 1000, 10'000);
  e.Fill("few", 3000, 100);
  const uint64_t before = e.Stats().counters.pages_moved;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 600; ++i) {
      const std::string key = "new" + std::to_string(i);
      if (!e.Get(key)) {
        REQUIRE(e.Set(key, Pattern("new", 3000)) == StoreOutcome::kStored);
      }
    }
  }
  REQUIRE(e.Set("large", Pattern("large", 500'000)) == StoreOutcome::kStored);
  return e.Stats().counters.pages_moved - before;
}

TEST_CASE("Pages stay where they are without rebalancing, but for those that a store needs") {
  REQUIRE(PagesMoved(true) > 20);
  REQUIRE(PagesMoved(false) <= 10);  // those of the large value
}

}  // namespace
}  // namespace quarry::core
