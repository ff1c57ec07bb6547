#include <string>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

/// Stores `bytes` of values of one size, under keys made from `prefix`.
void Fill(EngineFixture& e, const std::string& prefix, size_t value_bytes, uint64_t bytes) {
  const std::string value = Pattern(prefix, value_bytes);
  for (uint64_t i = 0; i < bytes / value_bytes; ++i) {
    REQUIRE(e.Set(prefix + std::to_string(i), value) == StoreOutcome::kStored);
  }
}

TEST_CASE("A full memory evicts the oldest and keeps what is read") {
  EngineFixture e(EngineFixture::Memory(8));
  e.Set("favourite", "v");
  for (int i = 0; i < 200'000; ++i) {
    e.Set("k" + std::to_string(1'000'000 + i), Pattern("k", 50));
    if (i % 1000 == 0) {
      REQUIRE(e.Get("favourite") == "v");
    }
  }
  REQUIRE(e.Stats().class_totals.evicted > 0);
  REQUIRE(e.Get("k1199999"));
  REQUIRE_FALSE(e.Get("k1000000"));
}

TEST_CASE("A full memory keeps what is stored again and again, though nobody reads it") {
  EngineFixture e(EngineFixture::Memory(8));
  GetOptions unnoticed;
  unnoticed.bump = false;
  StoreOptions replace;
  replace.mode = StoreMode::kReplace;
  e.Set("session", Pattern("s", 50));
  e.Set("counter", Pattern("c", 50));
  for (int i = 0; i < 200'000; ++i) {
    e.Set("k" + std::to_string(1'000'000 + i), Pattern("k", 50));
    if (i % 1000 == 0) {
      REQUIRE(e.Get("session", unnoticed));
      e.Set("session", Pattern("s", 50));
      REQUIRE(e.Store("counter", Pattern("c", 50), replace).outcome == StoreOutcome::kStored);
    }
  }
  REQUIRE(e.Stats().class_totals.evicted > 0);
}

TEST_CASE("Among large items the least recently used goes first, whatever shards they are in") {
  EngineOptions options = EngineFixture::Memory(64, 32);
  options.shard_count = 16;
  EngineFixture e(options);
  const std::string value = Pattern("large", 5 * kMiB);
  const auto name = [](int number) {
    return "large" + std::to_string(number);
  };
  for (int i = 0; i < 40; ++i) {
    REQUIRE(e.Set(name(i), value) == StoreOutcome::kStored);
    REQUIRE(e.Get(name(0)));
  }
  int kept = 0;
  for (int i = 1; i < 40; ++i) {
    kept += e.Get(name(i)) ? 1 : 0;
  }
  REQUIRE(kept >= 10);
  for (int i = 40 - kept; i < 40; ++i) {
    REQUIRE(e.Get(name(i)));
  }
  REQUIRE(e.Get(name(0)));
}

TEST_CASE("A store never fails for want of memory, whatever the memory holds") {
  for (const uint64_t mib : {uint64_t{8}, uint64_t{32}}) {
    EngineFixture e(EngineFixture::Memory(mib, mib / 2));
    const std::vector<size_t> sizes = {10,     100,    1000,    5000,          7000,
                                       20'000, 60'000, 100'000, mib * kMiB / 3};
    for (const size_t held : sizes) {
      constexpr size_t kLeastOverhead = 32;  // header, key and index
      const uint64_t held_bytes = mib * kMiB * 3 / 2 * held / (held + kLeastOverhead);
      Fill(e, "held" + std::to_string(held) + "-", held, held_bytes);
      for (const size_t stored : sizes) {
        const std::string value = Pattern("x", stored);
        CAPTURE(mib, held, stored);
        REQUIRE(e.Set("x", value) == StoreOutcome::kStored);
        REQUIRE(e.Get("x") == value);
      }
    }
    REQUIRE(e.Stats().counters.store_no_memory == 0);
  }
}

TEST_CASE("The coarsest slab classes take every size") {
  EngineOptions options = EngineFixture::Memory(16);
  options.growth_factor = 16;
  EngineFixture e(options);
  for (const size_t bytes :
       std::vector<size_t>{1, 100, 500, 1000, 4096, 4097, 20'000, 65'536, 300'000}) {
    CAPTURE(bytes);
    Fill(e, "k" + std::to_string(bytes) + "-", bytes, 20 * kMiB / (bytes < 100 ? 100 : 1));
    const std::string value = Pattern("x", bytes);
    REQUIRE(e.Set("x", value) == StoreOutcome::kStored);
    REQUIRE((e.Get("x") == value));
  }
}

TEST_CASE("Memory freed in one size serves another") {
  EngineFixture e(EngineFixture::Memory(16));
  for (int i = 0; i < 14'000; ++i) {
    e.Set("k" + std::to_string(i), Pattern("k", 1000));
  }
  for (int i = 0; i < 14'000; ++i) {
    e.Delete("k" + std::to_string(i));
  }
  e.Set("witness", "v");
  Fill(e, "large", 500'000, 12 * kMiB);
  REQUIRE(e.Stats().class_totals.evicted <= 1);
  REQUIRE(e.Get("large0"));
}

TEST_CASE("A memory full of one size makes room for another as it comes into use") {
  for (const size_t new_bytes : {size_t{1000}, size_t{5000}, size_t{20'000}, size_t{300'000}}) {
    EngineFixture e(EngineFixture::Memory(16));
    Fill(e, "old", 2000, 20 * kMiB);
    Fill(e, "new", new_bytes, 20 * kMiB);
    const uint64_t count = 20 * kMiB / new_bytes;
    for (uint64_t i = count - 4 * kMiB / new_bytes; i < count; ++i) {
      CAPTURE(new_bytes, i);
      REQUIRE(e.Get("new" + std::to_string(i)));
    }
  }
}

TEST_CASE("Neither a second that passes nor a key taken for a ghost keeps a new size out") {
  EngineOptions options = EngineFixture::Memory(32);
  options.shard_count = 1;
  EngineFixture e(options);
  Fill(e, "old", 200, 60 * kMiB);
  const std::string value = Pattern("new", 5000);
  constexpr int kCount = 12'000;
  for (int i = 0; i < kCount; ++i) {
    REQUIRE(e.Set("new" + std::to_string(i), value) == StoreOutcome::kStored);
    if (i % 2000 == 20) {
      e.Wait(1);
    }
  }
  REQUIRE(e.Stats().class_totals.ghost_hits > 0);
  int kept = 0;
  for (int i = 0; i < kCount; ++i) {
    kept += e.Get("new" + std::to_string(i)) ? 1 : 0;
  }
  REQUIRE(kept >= kCount * 2 / 5);
}

TEST_CASE("An item is replaced although the room for its new size is made at its expense") {
  EngineFixture e(EngineFixture::Memory(16));
  Fill(e, "k", 2000, 20 * kMiB);
  for (uint64_t i = 0; i < 20 * kMiB / 2000; ++i) {
    const std::string key = "k" + std::to_string(i);
    REQUIRE(e.Set(key, Pattern(key, 1000)) == StoreOutcome::kStored);
    REQUIRE(e.Get(key) == Pattern(key, 1000));
  }
}

TEST_CASE("An item is replaced, not doubled, although making room for it moves it elsewhere") {
  EngineOptions options = EngineFixture::Memory(8);
  options.shard_count = 1;
  EngineFixture e(options);
  const auto old_name = [](uint64_t number) {
    return "old" + std::to_string(number);
  };
  constexpr uint64_t kOldItems = 1500;
  for (uint64_t i = 0; i < kOldItems; ++i) {
    e.Set(old_name(i), std::string(4000, 'o'));
    if (i % 2 == 0) {
      e.Get(old_name(i));
    }
  }
  // Values of another size are in demand, so that pages of the old ones move: those with the next
  // item to go, an odd one, and with it even ones, which were read. One of these is replaced.
  const std::string new_value(3000, 'n');
  uint64_t asked = 0;
  uint64_t next_to_go = 1;
  while (next_to_go < kOldItems) {
    for (int i = 0; i < 20; ++i) {
      const std::string key = "new" + std::to_string(asked++ % 2250);
      if (!e.Get(key)) {
        e.Set(key, new_value);
      }
    }
    while (next_to_go < kOldItems && !e.Get(old_name(next_to_go), {.bump = false})) {
      next_to_go += 2;
    }
    const std::string replaced = old_name(next_to_go - 1);
    REQUIRE(e.Set(replaced, new_value) == StoreOutcome::kStored);
    REQUIRE((e.Get(replaced) == new_value));
    e.Delete(replaced);
    REQUIRE_FALSE(e.Get(replaced));
    e.Delete(old_name(next_to_go));
  }
  REQUIRE(e.Stats().counters.items_rescued > 100);
}

TEST_CASE("Items of every size survive the emptying of their page as they were") {
  for (const size_t held : {size_t{10}, size_t{300}, size_t{3000}, size_t{9000}, size_t{40'000}}) {
    EngineFixture e(EngineFixture::Memory(16));
    const auto name = [held](uint64_t number) {
      return std::to_string(held) + "-" + std::to_string(number);
    };
    const uint64_t count = 10 * kMiB / (held + 60);
    for (uint64_t i = 0; i < count; ++i) {
      e.Set(name(i), Pattern(name(i), held));
      e.Get(name(i));
    }
    e.Wait(100);
    const uint64_t moved = e.Stats().counters.pages_moved;
    Fill(e, "new", 500'000, 10 * kMiB);
    REQUIRE(e.Stats().counters.pages_moved > moved);
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; ++i) {
      const auto value = e.Get(name(i));
      kept += value ? 1U : 0U;
      REQUIRE((!value || *value == Pattern(name(i), held)));
    }
    CAPTURE(held);
    REQUIRE(kept > 0);
    REQUIRE(e.Stats().items >= kept);
  }
}

TEST_CASE("Without eviction a full memory refuses, and takes again after a delete") {
  EngineOptions options = EngineFixture::Memory(8);
  options.evict = false;
  EngineFixture e(options);
  int stored = 0;
  while (e.Set("k" + std::to_string(stored), Pattern("k", 1000)) == StoreOutcome::kStored) {
    ++stored;
  }
  REQUIRE(stored > 7000);
  REQUIRE(e.Stats().class_totals.evicted == 0);
  REQUIRE(e.Set("large", Pattern("l", 500'000)) == StoreOutcome::kNoMemory);
  for (int i = 0; i < stored; ++i) {
    REQUIRE(e.Get("k" + std::to_string(i)));
  }
  REQUIRE(e.Delete("k0") == DeleteOutcome::kDeleted);
  REQUIRE(e.Set("again", Pattern("k", 1000)) == StoreOutcome::kStored);
}

TEST_CASE("A page with pinned data is not taken; what is pinned survives any pressure") {
  EngineFixture e(EngineFixture::Memory(16, 8));
  std::vector<Pin> pins;
  for (int i = 0; i < 6; ++i) {
    const std::string key = "pinned" + std::to_string(i);
    e.Set(key, Pattern(key, 20'000));
    pins.push_back(e.PinOf(key));
  }
  Fill(e, "small", 100, 16 * kMiB);
  Fill(e, "medium", 20'000, 32 * kMiB);
  Fill(e, "large", 3 * kMiB, 64 * kMiB);
  for (size_t i = 0; i < pins.size(); ++i) {
    REQUIRE(BytesOf(pins[i]) == Pattern("pinned" + std::to_string(i), 20'000));
  }
}

TEST_CASE("The counters of classes add up to what was done") {
  EngineFixture e(EngineFixture::Memory(8));
  Fill(e, "k", 100, 16 * kMiB);
  e.Get("k0");
  const EngineStats stats = e.Stats();
  const uint64_t stores = 16 * kMiB / 100;
  REQUIRE(stats.class_totals.set_cmds == stores);
  REQUIRE(stats.items + stats.class_totals.evicted == stores);
  REQUIRE(stats.pages_total == 8 * kMiB / kPageBytes);
  uint64_t pages = stats.pages_free + stats.index_bytes / kPageBytes;
  for (const ClassStats& each : stats.classes) {
    pages += each.total_pages;
    REQUIRE(each.used_chunks + each.free_chunks == each.total_pages * each.chunks_per_page);
  }
  REQUIRE(pages == stats.pages_total);
  e.engine->ResetStats();
  REQUIRE(e.Stats().class_totals.set_cmds == 0);
  REQUIRE(e.Stats().items == stats.items);
}

}  // namespace
}  // namespace quarry::core
