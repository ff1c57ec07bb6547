// What workers share when they read, and what they do not: cache lines.

#include <set>
#include <string>
#include <vector>

#include "core/small_get.h"
#include "tests/support/catch.h"
#include "tests/support/written_lines.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

constexpr int kRounds = 100;

/// Items of several sizes in several shards, and keys without any.
struct Store {
  Store() {
    for (int i = 0; i < 60; ++i) {
      keys.push_back("key" + std::to_string(i));
      if (i % 3 != 0) {
        e.Set(keys.back(), std::string(static_cast<size_t>(20 * i), 'v'));
      }
    }
    for (const std::string& key : keys) {
      hashed_keys.push_back(e.engine->MakeKey(key));
    }
  }

  static EngineOptions Options() {
    EngineOptions options = EngineFixture::Memory(16);
    options.shard_count = 4;
    options.reader_count = 2;
    return options;
  }

  /// Reads all keys some times, as the worker of that number.
  void Read(uint32_t reader) {
    AdmissionTicket ticket;
    ReadCounters& counters = e.engine->read_counters(reader);
    for (int round = 0; round < kRounds; ++round) {
      for (const Key& key : hashed_keys) {
        e.engine->Get(key, GetOptions(), e.now, ticket, counters, [](const Fetched&, Pin) {});
        e.engine->GetSmall(key, e.now, counters, [](const SmallHit&) {});
      }
    }
  }

  /// The cache lines that this writes to, when it is done within a second, by a worker that has
  /// read them before.
  std::set<uintptr_t> LinesWritten(uint32_t reader) {
    Read(reader);
    const WrittenLines lines;
    Read(reader);
    return lines.Find();
  }

  EngineFixture e{Options()};
  std::vector<std::string> keys;
  std::vector<Key> hashed_keys;
};

TEST_CASE("No cache line but that of a lock is written by the reads of two workers") {
  Store store;
  const std::set<uintptr_t> first = store.LinesWritten(0);
  const std::set<uintptr_t> second = store.LinesWritten(1);
  // A lock is as it was when it is free again, so that its line is not among these.
  REQUIRE_FALSE(first.empty());
  REQUIRE_FALSE(second.empty());
  REQUIRE(WrittenLines::Shared(first, second).empty());
}

TEST_CASE("What has been read is counted, whoever read it, and by those who have no number") {
  Store store;
  store.Read(0);
  store.Read(1);
  store.Read(2);
  for (const std::string& key : store.keys) {
    store.e.Get(key);
  }
  const EngineStats stats = store.e.Stats();
  const uint64_t times = uint64_t{3} * 2 * kRounds + 1;
  REQUIRE(stats.counters.get_cmds == times * 60);
  REQUIRE(stats.counters.get_misses == times * 20);
  REQUIRE(stats.class_totals.get_hits == times * 40);
  store.e.engine->ResetStats();
  store.Read(1);
  REQUIRE(store.e.Stats().counters.get_cmds == uint64_t{2} * kRounds * 60);
}

TEST_CASE("A read is counted though its item has gone, and was stored before the last reset") {
  EngineFixture e;
  e.Set("k", "value");
  e.engine->ResetStats();
  e.Get("k");
  e.Delete("k");
  const EngineStats stats = e.Stats();
  REQUIRE(stats.counters.get_cmds == 1);
  REQUIRE(stats.class_totals.get_hits == 1);
}

}  // namespace
}  // namespace quarry::core
