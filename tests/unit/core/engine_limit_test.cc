#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

EngineOptions Growable(uint64_t mib, uint64_t max_mib, uint64_t item_limit_mib = 1) {
  EngineOptions options = EngineFixture::Memory(mib, item_limit_mib);
  options.max_memory_bytes = max_mib * kMiB;
  return options;
}

void Fill(EngineFixture& e, const std::string& prefix, size_t value_bytes, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string key = prefix + std::to_string(i);
    REQUIRE(e.Set(key, Pattern(key, value_bytes)) == StoreOutcome::kStored);
  }
}

/// How many of the items are there; each must have the value that it was stored with.
int CountKept(EngineFixture& e, const std::string& prefix, size_t value_bytes, int count) {
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    const std::string key = prefix + std::to_string(i);
    if (const auto value = e.Get(key)) {
      REQUIRE(*value == Pattern(key, value_bytes));
      ++kept;
    }
  }
  return kept;
}

TEST_CASE("A raised limit keeps more, a lowered one less, and the index follows") {
  EngineFixture e(Growable(16, 96));
  constexpr int kCount = 700'000;
  Fill(e, "a", 100, kCount);
  const int kept_in_16 = CountKept(e, "a", 100, kCount);

  REQUIRE(e.SetMemory(96));
  REQUIRE(e.Stats().limit_bytes == 96 * kMiB);
  Fill(e, "b", 100, kCount);
  const int kept_in_96 = CountKept(e, "b", 100, kCount);
  const uint64_t index_bytes_in_96 = e.Stats().index_bytes;
  REQUIRE(kept_in_96 > 5 * kept_in_16);

  REQUIRE(e.SetMemory(16));
  REQUIRE(e.Stats().pages_held <= e.Stats().pages_total);
  REQUIRE(e.Stats().limit_bytes == 16 * kMiB);
  const int kept_again = CountKept(e, "b", 100, kCount);
  REQUIRE(kept_again > kept_in_16 / 2);
  REQUIRE(kept_again < kept_in_16 * 11 / 10);
  Fill(e, "c", 100, kCount);
  REQUIRE(CountKept(e, "c", 100, kCount) > kept_in_16 / 10);  // the others were read
  REQUIRE(e.Stats().items > static_cast<uint64_t>(kept_in_16) * 9 / 10);
  REQUIRE(e.Stats().index_bytes < index_bytes_in_96 / 3);
  REQUIRE(e.Stats().pages_held <= e.Stats().pages_total);
}

TEST_CASE("A limit out of range is refused and changes nothing") {
  EngineFixture e(Growable(64, 128, 20));
  REQUIRE_FALSE(e.SetMemory(39));
  REQUIRE_FALSE(e.SetMemory(129));
  REQUIRE_FALSE(e.SetMemory(0));
  REQUIRE(e.Stats().limit_bytes == 64 * kMiB);
  REQUIRE(e.SetMemory(40));
  REQUIRE(e.SetMemory(128));
  EngineFixture fixed(EngineFixture::Memory(64));
  REQUIRE_FALSE(fixed.SetMemory(65));
  REQUIRE(fixed.SetMemory(63));
}

TEST_CASE("A value that is being read outlives a lower limit, and its memory comes back after it") {
  EngineFixture e(Growable(128, 128, 20));
  const std::string value = Pattern("v", 19 * kMiB);
  std::vector<Pin> pins;
  for (int i = 0; i < 3; ++i) {
    const std::string key = "v" + std::to_string(i);
    REQUIRE(e.Set(key, value) == StoreOutcome::kStored);
    pins.push_back(e.PinOf(key));
    REQUIRE(pins.back());
  }
  Fill(e, "small", 1000, 60'000);
  REQUIRE(e.SetMemory(40));
  REQUIRE(e.Stats().pages_held > e.Stats().pages_total);
  REQUIRE(e.Stats().items < 3 + 3000);
  for (const Pin& pin : pins) {
    REQUIRE((BytesOf(pin) == value));
  }
  // What the readers hold is more than the limit; small items live on beside it.
  Fill(e, "meanwhile", 1000, 3000);
  REQUIRE(CountKept(e, "meanwhile", 1000, 3000) > 100);
  pins.clear();
  REQUIRE(e.SetMemory(40));
  REQUIRE(e.Stats().pages_held <= e.Stats().pages_total);
  Fill(e, "small", 1000, 30'000);
  REQUIRE(e.Set("new", value) == StoreOutcome::kStored);
  REQUIRE((e.Get("new") == value));
}

TEST_CASE("An upload that began under a higher limit is stored under the lower one") {
  EngineFixture e(Growable(128, 128, 10));
  Fill(e, "small", 1000, 150'000);
  struct Arrival {
    AdmissionTicket ticket;
    std::string key;
    Upload upload;
  };
  std::vector<std::unique_ptr<Arrival>> arrivals;
  const std::string value = Pattern("v", 9 * kMiB);
  for (int i = 0; i < 2; ++i) {
    auto& arrival = *arrivals.emplace_back(std::make_unique<Arrival>());
    arrival.key = "v" + std::to_string(i);
    REQUIRE(e.engine->AdmitUpload(arrival.ticket, value.size()));
    arrival.upload = e.engine->BeginUpload(e.engine->MakeKey(arrival.key), value.size(), e.now);
    REQUIRE(arrival.upload);
  }
  REQUIRE(e.SetMemory(24));
  for (const auto& arrival : arrivals) {
    REQUIRE(
        FinishIn(*e.engine, arrival->key, std::move(arrival->upload), value, {}, e.now).outcome ==
        StoreOutcome::kStored);
  }
  arrivals.clear();
  REQUIRE((e.Get("v1") == value));
  REQUIRE(e.SetMemory(24));
  REQUIRE(e.Stats().pages_held <= e.Stats().pages_total);
}

TEST_CASE("With many shards the least limit is one that takes the largest item") {
  EngineOptions options = Growable(256, 256, 8);
  options.shard_count = 64;
  EngineFixture e(options);
  Fill(e, "k", 1, 500'000);
  REQUIRE_FALSE(e.SetMemory(16));
  uint64_t mib = 17;
  while (!e.SetMemory(mib)) {
    ++mib;
  }
  REQUIRE(mib < 32);
  for (int i = 0; i < 10; ++i) {
    REQUIRE(e.Set("large", Pattern("large", 8 * kMiB - 1000)) == StoreOutcome::kStored);
    REQUIRE(e.Set("small" + std::to_string(i), "v") == StoreOutcome::kStored);
  }
  REQUIRE((e.Get("large") == Pattern("large", 8 * kMiB - 1000)));
}

TEST_CASE("A lower limit after a flush leaves room at once") {
  EngineFixture e(Growable(128, 128));
  Fill(e, "k", 1, 1'000'000);
  e.engine->Flush(kNever, e.now);
  REQUIRE(e.SetMemory(12));
  REQUIRE(e.Stats().pages_held <= e.Stats().pages_total);
  Fill(e, "new", 1000, 5000);
  REQUIRE(CountKept(e, "new", 1000, 5000) > 1000);
  for (int i = 0; i < 1'000'000; i += 100) {
    REQUIRE_FALSE(e.Get("k" + std::to_string(i)));
  }
}

TEST_CASE("Where nothing may be evicted, a lower limit waits for deletes") {
  EngineOptions options = Growable(64, 64);
  options.evict = false;
  EngineFixture e(options);
  constexpr int kCount = 40'000;
  Fill(e, "k", 1000, kCount);
  REQUIRE(e.SetMemory(16));
  REQUIRE(e.Stats().pages_held > e.Stats().pages_total);
  REQUIRE(CountKept(e, "k", 1000, kCount) == kCount);
  REQUIRE(e.Set("new", Pattern("new", 5000)) == StoreOutcome::kNoMemory);
  for (int i = 0; i < kCount; ++i) {
    if (i % 100 != 0) {
      REQUIRE(e.Delete("k" + std::to_string(i)) == DeleteOutcome::kDeleted);
    }
  }
  REQUIRE(e.SetMemory(64));
  for (int i = 0; i < kCount; i += 100) {
    REQUIRE(e.Delete("k" + std::to_string(i)) == DeleteOutcome::kDeleted);
  }
  REQUIRE(e.SetMemory(16));
  REQUIRE(e.Stats().pages_held <= e.Stats().pages_total);
  REQUIRE(e.Set("new", Pattern("new", 5000)) == StoreOutcome::kStored);
}

TEST_CASE("The index of a flushed cache shrinks by and by") {
  EngineFixture e(EngineFixture::Memory(64));
  Fill(e, "k", 10, 500'000);
  const uint64_t index_bytes = e.Stats().index_bytes;
  e.engine->Flush(kNever, e.now);
  Fill(e, "new", 10, 1000);
  for (int second = 0; second < 2000; ++second) {
    e.Wait(1);
    e.engine->Maintain(e.now);
  }
  REQUIRE(CountKept(e, "new", 10, 1000) == 1000);
  REQUIRE(e.Stats().items == 1000);
  REQUIRE(e.Stats().index_bytes < index_bytes / 10);
  Fill(e, "k", 10, 500'000);
  REQUIRE(CountKept(e, "k", 10, 500'000) == 500'000);
}

}  // namespace
}  // namespace quarry::core
