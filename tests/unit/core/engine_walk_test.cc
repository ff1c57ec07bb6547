#include <map>
#include <string>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

using Counts = std::map<std::string, int>;

/// A walk in progress, which counts how often it meets each key.
struct Walk {
  explicit Walk(EngineFixture& fixture) : e(fixture) {}

  /// One step of a few buckets, which takes `most` items at most. False when the walk is through.
  bool Step(int most = 1'000'000) {
    return e.engine->Walk(position, 4, e.now, [this, &most](const Listing& listing) {
      if (most-- == 0) {
        return false;
      }
      ++seen[std::string(listing.item.key)];
      return true;
    });
  }

  EngineFixture& e;
  WalkPosition position;
  Counts seen;
};

std::string Name(int number) {
  return "key" + std::to_string(number);
}

void Fill(EngineFixture& e, int begin, int end) {
  for (int i = begin; i < end; ++i) {
    REQUIRE(e.Set(Name(i), "value") == StoreOutcome::kStored);
  }
}

void RequireEachOnce(const Counts& seen, int begin, int end) {
  for (int i = begin; i < end; ++i) {
    const auto found = seen.find(Name(i));
    CAPTURE(i);
    REQUIRE(found != seen.end());
    REQUIRE(found->second == 1);
  }
}

TEST_CASE("A walk meets every item of every shard once") {
  EngineFixture e(EngineFixture::Memory(256));
  Fill(e, 0, 20'000);
  REQUIRE(e.Set("large", Pattern("large", 100'000)) == StoreOutcome::kStored);
  Walk walk(e);
  while (walk.Step()) {
  }
  REQUIRE(walk.seen.size() == 20'001);
  REQUIRE(walk.seen["large"] == 1);
  RequireEachOnce(walk.seen, 0, 20'000);
  REQUIRE_FALSE(walk.Step());
}

TEST_CASE("A walk that is interrupted goes on with the item that was not taken") {
  EngineFixture e;
  Fill(e, 0, 5'000);
  Walk walk(e);
  for (int turn = 0; walk.Step(turn % 4); ++turn) {
  }
  REQUIRE(walk.seen.size() == 5'000);
  RequireEachOnce(walk.seen, 0, 5'000);
}

TEST_CASE("Items that live throughout a walk are met once while the index grows") {
  EngineFixture e;
  constexpr int kLasting = 10'000;
  Fill(e, 0, kLasting);
  Walk walk(e);
  int next = kLasting;
  while (walk.Step()) {
    if (next < 20 * kLasting) {
      Fill(e, next, next + 100);
      next += 100;
    }
  }
  REQUIRE(next > 3 * kLasting);
  RequireEachOnce(walk.seen, 0, kLasting);
  for (const auto& [key, count] : walk.seen) {
    REQUIRE(count == 1);
  }
}

TEST_CASE("Items that live throughout a walk are met once while the index shrinks") {
  EngineFixture e;
  constexpr int kLasting = 1'000;
  constexpr int kItems = 100'000;
  Fill(e, 0, kItems);
  const uint64_t buckets = e.Stats().index_buckets;
  Walk walk(e);
  int next = kLasting;
  while (walk.Step()) {
    for (int i = 0; i < 50 && next < kItems; ++i) {
      e.Delete(Name(next++));
    }
  }
  while (next < kItems) {
    e.Delete(Name(next++));
  }
  REQUIRE(e.Stats().index_buckets < buckets / 4);
  RequireEachOnce(walk.seen, 0, kLasting);
  for (const auto& [key, count] : walk.seen) {
    REQUIRE(count == 1);
  }
}

TEST_CASE("An item that is stored again where the walk has been is not met again") {
  EngineFixture e;
  Fill(e, 0, 2'000);
  Walk walk(e);
  while (walk.Step()) {
    Fill(e, 0, 2'000);
  }
  REQUIRE(walk.seen.size() == 2'000);
  RequireEachOnce(walk.seen, 0, 2'000);
}

TEST_CASE("A walk passes over what has expired or was flushed, and changes nothing") {
  EngineFixture e;
  e.Set("flushed", "value");
  e.engine->Flush(kNever, e.now);
  e.Set("expired", "value", e.In(1));
  e.Set("lasting", "value", e.In(100));
  e.Wait(2);
  const EngineStats before = e.Stats();
  Walk walk(e);
  while (walk.Step()) {
  }
  REQUIRE(walk.seen == Counts{{"lasting", 1}});
  REQUIRE(e.Stats().items == before.items);
  REQUIRE(e.Stats().counters.get_cmds == 0);
}

TEST_CASE("A listing tells what a client may know of an item") {
  EngineFixture e;
  e.Store("k", "value", {.client_flags = 7, .expiry = e.In(50)});
  e.Wait(3);
  Listing seen;
  WalkPosition position;
  const auto note = [&seen](const Listing& listing) {
    seen = listing;
    return true;
  };
  while (e.engine->Walk(position, 4, e.now, note)) {
  }
  REQUIRE(seen.item.value_bytes == 5);
  REQUIRE(seen.item.value.empty());
  REQUIRE(seen.item.client_flags == 7);
  REQUIRE(ItemBytes(seen.item) == 1 + 5 + kItemOverheadBytes);
  REQUIRE(seen.item.expiry == e.In(47));
  REQUIRE(seen.idle_sec == 3);
  REQUIRE_FALSE(seen.fetched);
  e.Get("k");
  position = {};
  while (e.engine->Walk(position, 4, e.now, note)) {
  }
  REQUIRE(seen.fetched);
  REQUIRE(seen.idle_sec == 0);
}

TEST_CASE("A peek tells what there is of a key, and leaves it") {
  EngineFixture e;
  const auto peek = [&e](std::string_view key) {
    return e.engine->Peek(e.engine->MakeKey(key), e.now, [](const Listing&) {});
  };
  e.Set("flushed", "value");
  e.engine->Flush(kNever, e.now);
  e.Set("expired", "value", e.In(1));
  e.Set("live", "value");
  e.Wait(2);
  for (int round = 0; round < 2; ++round) {
    REQUIRE(peek("absent") == Presence::kAbsent);
    REQUIRE(peek("flushed") == Presence::kFlushed);
    REQUIRE(peek("expired") == Presence::kExpired);
    REQUIRE(peek("live") == Presence::kLive);
  }
  REQUIRE_FALSE(e.Get("expired"));
  REQUIRE(e.Stats().counters.get_expired == 1);
}

}  // namespace
}  // namespace quarry::core
