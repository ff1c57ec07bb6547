// What one operation of the storage engine costs, without protocol and socket: get hit, get miss,
// batches of gets with their prefetches, set over an item, set with eviction; with one thread and
// two, among one million items and ten. Takes Google Benchmark's options, e.g.
// --benchmark_filter=get_hit.
//
// An iteration is one operation, also where they come in batches. Threads draw keys of their own.

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/engine.h"
#include "tests/bench/engine/engine_stock.h"
#include "tests/bench/engine/numbered_key.h"
#include "tests/bench/random.h"

namespace quarry::bench {
namespace {

using Room = FilledEngine::Room;

constexpr std::array<int64_t, 2> kItemCounts = {1'000'000, 10'000'000};
constexpr int kMaxThreads = 2;
/// As many as daemon/command looks up together.
constexpr size_t kBatchKeys = 32;

Random SeedOf(const benchmark::State& state) {
  return Random(static_cast<uint64_t>(state.thread_index()) + 1);
}

uint64_t ItemsOf(const benchmark::State& state) {
  return static_cast<uint64_t>(state.range(0));
}

uint64_t IterationsOf(const benchmark::State& state) {
  return static_cast<uint64_t>(state.iterations());
}

/// Looks a key up and copies its value out, as a reply would. Returns the number of hits, 0 or 1.
uint64_t GetAndCopy(core::Engine& engine, const core::Key& key) {
  std::array<char, kBenchValueBytes> reply;  // NOLINT(*-member-init): written by a hit only
  const auto outcome = engine.Get(
      key, {}, kBenchNow, [&reply](const core::Fetched& fetched, const core::Pin& /*large*/) {
        const std::string_view value = fetched.item.value;
        value.copy(reply.data(), reply.size());
        benchmark::DoNotOptimize(reply);
      });
  return outcome == core::GetOutcome::kHit ? 1 : 0;
}

void Expect(bool held, const char* what, benchmark::State& state) {
  if (!held) {
    state.SkipWithError(what);
  }
}

/// Asks for as many keys as are stored, from number `first` on; returns the hits.
uint64_t GetOneByOne(benchmark::State& state, EngineStock& stock, uint64_t first) {
  const uint64_t item_count = ItemsOf(state);
  core::Engine& engine = stock.Filled(Room::kPlenty, item_count).engine();
  Random random = SeedOf(state);
  NumberedKey key;
  uint64_t hits = 0;
  for ([[maybe_unused]] const auto _ : state) {
    hits += GetAndCopy(engine, engine.MakeKey(key.Of(first + random.Below(item_count))));
  }
  return hits;
}

void GetHit(benchmark::State& state, EngineStock& stock) {
  const uint64_t hits = GetOneByOne(state, stock, 0);
  Expect(hits == IterationsOf(state), "a get of a stored key missed", state);
}

void GetMiss(benchmark::State& state, EngineStock& stock) {
  const uint64_t hits = GetOneByOne(state, stock, ItemsOf(state));
  Expect(hits == 0, "a get of a key that was never stored hit", state);
}

void GetBatch(benchmark::State& state, EngineStock& stock) {
  const uint64_t item_count = ItemsOf(state);
  core::Engine& engine = stock.Filled(Room::kPlenty, item_count).engine();
  Random random = SeedOf(state);
  std::array<NumberedKey, kBatchKeys> bytes;
  std::array<core::Key, kBatchKeys> keys;
  uint64_t hits = 0;
  while (state.KeepRunningBatch(kBatchKeys)) {
    for (size_t i = 0; i < kBatchKeys; ++i) {
      keys[i] = engine.MakeKey(bytes[i].Of(random.Below(item_count)));
      engine.PrefetchBucket(keys[i]);
    }
    for (core::Key& key : keys) {
      engine.PrefetchItem(key);
    }
    for (const core::Key& key : keys) {
      hits += GetAndCopy(engine, key);
    }
  }
  Expect(hits == IterationsOf(state), "a get of a stored key missed", state);
}

void Set(benchmark::State& state, EngineStock& stock) {
  const uint64_t item_count = ItemsOf(state);
  FilledEngine& filled = stock.Filled(Room::kPlenty, item_count);
  core::Engine& engine = filled.engine();
  Random random = SeedOf(state);
  NumberedKey key;
  uint64_t stored = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const core::Key engine_key = engine.MakeKey(key.Of(random.Below(item_count)));
    const auto result = engine.Store(engine_key, {}, filled.value(), kBenchNow);
    stored += result.outcome == core::StoreOutcome::kStored ? 1U : 0U;
  }
  Expect(stored == IterationsOf(state), "a set was refused", state);
}

void SetWithEviction(benchmark::State& state, EngineStock& stock) {
  FilledEngine& filled = stock.Filled(Room::kNone, ItemsOf(state));
  core::Engine& engine = filled.engine();
  uint64_t number = filled.TakeFreshNumbers(static_cast<uint64_t>(state.max_iterations));
  NumberedKey key;
  uint64_t stored = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const core::Key engine_key = engine.MakeKey(key.Of(number++));
    const auto result = engine.Store(engine_key, {}, filled.value(), kBenchNow);
    stored += result.outcome == core::StoreOutcome::kStored ? 1U : 0U;
  }
  Expect(stored == IterationsOf(state), "a set was refused", state);
}

struct NamedOperation {
  const char* name;
  void (*run)(benchmark::State& state, EngineStock& stock);
};

// Those on the same engine stand together, so that it is filled once.
constexpr std::array kOperations = {
    NamedOperation{"get_hit", GetHit}, NamedOperation{"get_miss", GetMiss},
    NamedOperation{"get_batch_of_32", GetBatch}, NamedOperation{"set", Set},
    NamedOperation{"set_with_eviction", SetWithEviction}};

void RegisterAll(EngineStock& stock) {
  for (const int64_t item_count : kItemCounts) {
    for (const NamedOperation& operation : kOperations) {
      for (int threads = 1; threads <= kMaxThreads; ++threads) {
        benchmark::RegisterBenchmark(
            operation.name,
            [&stock, run = operation.run](benchmark::State& state) { run(state, stock); })
            ->ArgName("items")
            ->Arg(item_count)
            ->Threads(threads);
      }
    }
  }
}

}  // namespace
}  // namespace quarry::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  quarry::bench::EngineStock stock;
  quarry::bench::RegisterAll(stock);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
