#include <atomic>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

/// A value that tells its key in every byte run, so that a torn or foreign one is seen.
bool BelongsTo(const std::string& value, const std::string& key) {
  return value == Pattern(key + value.substr(key.size(), 1), value.size());
}

std::string ValueFor(const std::string& key, char version, size_t bytes) {
  return Pattern(key + version, bytes);
}

void Work(EngineFixture& shared, uint32_t seed, int operations, std::atomic<int>& wrong) {
  std::mt19937 random(seed);
  for (int i = 0; i < operations; ++i) {
    const std::string key = "key-" + std::to_string(random() % 200) + "-";
    const Key engine_key = shared.engine->MakeKey(key);
    const auto choice = random() % 10;
    shared.engine->PrefetchBucket(engine_key);
    shared.engine->PrefetchItem(engine_key);
    if (choice < 3) {
      const size_t kind = random() % 20;
      const size_t bytes = kind < 14   ? 20 + random() % 500
                           : kind < 19 ? 20 + random() % 40'000
                                       : 300'000;
      const char version = static_cast<char>('a' + random() % 26);
      wrong += shared.Set(key, ValueFor(key, version, bytes)) == StoreOutcome::kStored ? 0 : 1;
    } else if (choice == 3) {
      shared.Delete(key);
    } else if (choice == 4) {
      shared.engine->Maintain(shared.now);
    } else if (const auto value = shared.Get(key)) {
      wrong += BelongsTo(*value, key) ? 0 : 1;
    }
  }
}

TEST_CASE("Threads on the same keys under pressure see whole values of the right key") {
  EngineOptions options = EngineFixture::DefaultOptions();
  options.memory_bytes = EngineOptions::kMinMemoryBytes;
  options.shard_count = 4;
  EngineFixture shared(options);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 4; ++i) {
    threads.emplace_back([&shared, &wrong, i] { Work(shared, i, 25'000, wrong); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  REQUIRE(wrong == 0);
  REQUIRE(shared.Stats().pinned_bytes == 0);
}

}  // namespace
}  // namespace quarry::core
