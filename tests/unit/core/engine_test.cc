#include "core/engine.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

TEST_CASE("What was set is found with its flags, and nothing else is") {
  EngineFixture e;
  REQUIRE(e.Store("key", "value", {.client_flags = 42}).outcome == StoreOutcome::kStored);
  REQUIRE(e.Get("key") == "value");
  REQUIRE(e.Fetch("key")->item.client_flags == 42);
  REQUIRE_FALSE(e.Get("other"));
  REQUIRE(e.Set("key", "") == StoreOutcome::kStored);
  REQUIRE(e.Get("key") == "");
}

TEST_CASE("Any bytes make a key, up to 250 of them") {
  EngineFixture e;
  const std::string binary("\0\r\n \xff", 5);
  REQUIRE(e.Set(binary, "1") == StoreOutcome::kStored);
  REQUIRE(e.Set(std::string(250, 'k'), "2") == StoreOutcome::kStored);
  REQUIRE(e.Get(binary) == "1");
  REQUIRE(e.Get(std::string(250, 'k')) == "2");
  REQUIRE_FALSE(e.Get(std::string_view(binary).substr(0, 4)));
}

TEST_CASE("Add stores only what is missing, replace only what is there") {
  EngineFixture e;
  REQUIRE(e.Store("k", "1", {.mode = StoreMode::kReplace}).outcome == StoreOutcome::kNotStored);
  REQUIRE(e.Store("k", "1", {.mode = StoreMode::kAdd}).outcome == StoreOutcome::kStored);
  REQUIRE(e.Store("k", "2", {.mode = StoreMode::kAdd}).outcome == StoreOutcome::kNotStored);
  REQUIRE(e.Store("k", "3", {.mode = StoreMode::kReplace}).outcome == StoreOutcome::kStored);
  REQUIRE(e.Get("k") == "3");
}

TEST_CASE("Append and prepend keep flags and expiry") {
  EngineFixture e;
  e.Store("k", "mid", {.client_flags = 5, .expiry = e.In(10)});
  REQUIRE(e.Store("k", "-end", {.mode = StoreMode::kAppend, .client_flags = 9}).value_bytes == 7);
  e.Store("k", "start-", {.mode = StoreMode::kPrepend});
  REQUIRE(e.Get("k") == "start-mid-end");
  REQUIRE(e.Fetch("k")->item.client_flags == 5);
  REQUIRE(e.Fetch("k")->item.expiry == e.In(10));
  REQUIRE(e.Store("none", "x", {.mode = StoreMode::kAppend}).outcome == StoreOutcome::kNotStored);
  REQUIRE(
      e.Store("none", "x", {.mode = StoreMode::kAppend, .vivify = true, .vivify_expiry = e.In(3)})
          .outcome == StoreOutcome::kStored);
  REQUIRE(e.Fetch("none")->item.expiry == e.In(3));
}

TEST_CASE("A CAS changes with every store and guards the next one") {
  EngineFixture e;
  const uint64_t first = e.Store("k", "1").cas;
  REQUIRE(first != 0);
  REQUIRE(e.CasOf("k") == first);
  const uint64_t second = e.Store("k", "2", {.compare_cas = true, .cas = first}).cas;
  REQUIRE(second != first);
  REQUIRE(e.Store("k", "3", {.compare_cas = true, .cas = first}).outcome == StoreOutcome::kExists);
  REQUIRE(e.Store("none", "3", {.compare_cas = true, .cas = 1}).outcome == StoreOutcome::kNotFound);
  REQUIRE(e.Store("k", "4", {.new_cas = 77}).cas == 77);
  REQUIRE(e.Delete("k", {.compare_cas = true, .cas = 76}) == DeleteOutcome::kExists);
  REQUIRE(e.Delete("k", {.compare_cas = true, .cas = 77}) == DeleteOutcome::kDeleted);
  REQUIRE(e.Delete("k") == DeleteOutcome::kNotFound);
}

TEST_CASE("With CAS disabled it reads as 0 and never matches") {
  EngineOptions options = EngineFixture::DefaultOptions();
  options.cas_enabled = false;
  EngineFixture e(options);
  REQUIRE(e.Store("k", "1").cas == 0);
  REQUIRE(e.CasOf("k") == 0);
  REQUIRE(e.Store("k", "2", {.compare_cas = true, .cas = 0}).outcome == StoreOutcome::kExists);
}

TEST_CASE("An item ends at its expiry, not before") {
  EngineFixture e;
  e.Set("k", "v", e.In(5));
  e.Wait(4);
  REQUIRE(e.Get("k") == "v");
  e.Wait(1);
  REQUIRE_FALSE(e.Get("k"));
  REQUIRE(e.Stats().counters.get_expired == 1);
  REQUIRE(e.Stats().items == 0);
  REQUIRE(e.Set("dead", "v", kAlreadyExpired) == StoreOutcome::kStored);
  REQUIRE_FALSE(e.Get("dead"));
}

TEST_CASE("A touch gives an expiry to an item that had none, and takes it away again") {
  EngineFixture e;
  // Sizes around every class border, so that some headers grow within their chunk and some do not.
  for (size_t bytes = 0; bytes < 400; ++bytes) {
    const std::string key = "k" + std::to_string(bytes);
    const std::string value = Pattern(key, bytes);
    e.Set(key, value);
    const uint64_t cas = e.CasOf(key);
    const auto touched = e.Fetch(key, {.touch = true, .expiry = e.In(9)});
    REQUIRE(touched->item.expiry == e.In(9));
    REQUIRE(touched->expiry_before == kNever);
    REQUIRE(e.Get(key) == value);
    REQUIRE(e.CasOf(key) == cas);
    REQUIRE(e.Fetch(key, {.touch = true})->item.expiry == kNever);
  }
  e.Wait(10);
  REQUIRE(e.Get("k399") == Pattern("k399", 399));
}

TEST_CASE("Counting wraps upwards, stops at zero, and keeps the width of the number") {
  EngineFixture e;
  e.Store("n", "10", {.client_flags = 3});
  REQUIRE(e.Count("n", {.decrement = true, .delta = 1}).value == 9);
  REQUIRE(e.Get("n") == "9 ");
  REQUIRE(e.Count("n", {.delta = 991}).value == 1000);
  REQUIRE(e.Get("n") == "1000");
  REQUIRE(e.Fetch("n")->item.client_flags == 3);
  REQUIRE(e.Count("n", {.decrement = true, .delta = 5000}).value == 0);
  e.Set("n", "18446744073709551615");
  REQUIRE(e.Count("n", {.delta = 1}).value == 0);
  REQUIRE(e.Count("none", {}).outcome == ArithmeticOutcome::kNotFound);
  REQUIRE(e.Count("new", {.vivify = true, .delta = 5, .initial = 7}).value == 7);
  for (const char* text : {"", "x", "-1", "+1", " 1", "1 2", "18446744073709551616"}) {
    e.Set("bad", text);
    REQUIRE(e.Count("bad", {}).outcome == ArithmeticOutcome::kNonNumeric);
  }
}

TEST_CASE("A flush drops what was stored before it and nothing after") {
  EngineFixture e;
  e.Set("old", "1");
  e.engine->Flush(kNever, e.now);
  e.Set("new", "2");
  REQUIRE_FALSE(e.Get("old"));
  REQUIRE(e.Get("new") == "2");
  REQUIRE(e.Stats().counters.get_flushed == 1);
}

TEST_CASE("A delayed flush comes at its moment, and a new one replaces it") {
  EngineFixture e;
  e.Set("k", "1");
  e.engine->Flush(e.In(100), e.now);
  e.engine->Flush(e.In(5), e.now);
  e.Wait(4);
  REQUIRE(e.Get("k") == "1");
  e.Set("k", "2");
  e.Wait(1);
  REQUIRE_FALSE(e.Get("k"));
  e.Set("k", "3");
  e.Wait(200);
  REQUIRE(e.Get("k") == "3");
}

TEST_CASE("A delayed flush whose moment has come is not replaced, though nothing was done since") {
  EngineFixture e;
  e.Set("k", "1");
  e.engine->Flush(e.In(5), e.now);
  e.Wait(5);
  e.engine->Flush(e.In(100), e.now);
  REQUIRE_FALSE(e.Get("k"));
}

TEST_CASE("Maintenance gives back what expired or was flushed, without a read") {
  EngineFixture e;
  for (int i = 0; i < 10'000; ++i) {
    e.Set("expires" + std::to_string(i), "v", e.In(5));
    e.Set("stays" + std::to_string(i), "v");
  }
  e.Wait(10);
  for (int round = 0; round < 300; ++round) {
    e.engine->Maintain(e.now);
  }
  REQUIRE(e.Stats().items == 10'000);
  e.engine->Flush(kNever, e.now);
  for (int round = 0; round < 300; ++round) {
    e.engine->Maintain(e.now);
  }
  REQUIRE(e.Stats().items == 0);
}

TEST_CASE("The first to miss, or to come late, wins the right to refresh; others are told so") {
  EngineFixture e;
  const GetOptions vivify{.vivify = true, .may_win = true, .vivify_expiry = e.In(30)};
  REQUIRE(e.Fetch("k", {.vivify = true, .may_win = true, .vivify_expiry = e.In(30)})->vivified);
  REQUIRE(e.Fetch("k", vivify)->win == Win::kAlreadyWon);
  e.Set("k", "v", e.In(30));
  REQUIRE(e.Fetch("k", {.may_win = true, .recache = true, .recache_sec = 10})->win == Win::kNone);
  e.Wait(25);
  REQUIRE(e.Fetch("k", {.may_win = true, .recache = true, .recache_sec = 10})->win == Win::kWon);
  REQUIRE(e.Fetch("k", {.may_win = true})->win == Win::kAlreadyWon);
}

TEST_CASE("A get that touches wins by the old expiry, or by the new one if that is set first") {
  EngineFixture e;
  e.Set("old", "v", e.In(20));
  e.Set("new", "v", e.In(20));
  e.Set("lasting", "v");
  GetOptions options{.touch = true, .may_win = true, .recache = true, .recache_sec = 30};
  options.expiry = e.In(300);
  REQUIRE(e.Fetch("old", options)->win == Win::kWon);
  REQUIRE(e.Fetch("old", options)->win == Win::kAlreadyWon);
  options.touch_first = true;
  REQUIRE(e.Fetch("new", options)->win == Win::kNone);
  options.expiry = e.In(10);
  REQUIRE(e.Fetch("new", options)->win == Win::kWon);
  options.touch_first = false;
  REQUIRE(e.Fetch("lasting", options)->win == Win::kNone);
}

TEST_CASE("An invalidated item is stale until it is stored anew; a late writer leaves it stale") {
  EngineFixture e;
  const uint64_t cas = e.Store("k", "v").cas;
  REQUIRE(e.Delete("k", {.invalidate = true, .touch = true, .expiry = e.In(30)}) ==
          DeleteOutcome::kDeleted);
  REQUIRE(e.CasOf("k") > cas);
  const auto first = e.Fetch("k", {.may_win = true});
  REQUIRE(first->item.stale);
  REQUIRE(first->win == Win::kWon);
  REQUIRE(e.Fetch("k", {.may_win = true})->win == Win::kAlreadyWon);
  REQUIRE(e.Store("k", "late", {.compare_cas = true, .invalidate = true, .cas = cas}).outcome ==
          StoreOutcome::kStored);
  REQUIRE(e.Fetch("k")->item.stale);
  REQUIRE(e.Fetch("k")->item.expiry == e.In(30));
  REQUIRE(e.Store("k", "fresh").outcome == StoreOutcome::kStored);
  REQUIRE_FALSE(e.Fetch("k")->item.stale);
}

TEST_CASE("A delete may leave an empty item behind, with its CAS") {
  EngineFixture e;
  const uint64_t cas = e.Store("k", "value", {.client_flags = 6, .expiry = e.In(9)}).cas;
  REQUIRE(e.Delete("k", {.remove_value = true}) == DeleteOutcome::kDeleted);
  REQUIRE(e.Get("k") == "");
  REQUIRE(e.CasOf("k") == cas);
  REQUIRE(e.Fetch("k")->item.client_flags == 0);
  REQUIRE(e.Fetch("k")->item.expiry == kNever);
}

TEST_CASE("Options out of range are refused with the range") {
  const auto refused = [](EngineOptions options) {
    return std::string(Engine::Create(options).status().message());
  };
  REQUIRE_THAT(refused({.memory_bytes = 1}), Catch::Contains("8 MiB"));
  REQUIRE_THAT(refused({.max_item_bytes = 1}), Catch::Contains("between 1 MiB and 50 MiB"));
  REQUIRE_THAT(refused({.max_item_bytes = EngineOptions::kMaxItemLimitBytes + 1}),
               Catch::Contains("50 MiB"));
  REQUIRE_THAT(refused({.max_item_bytes = uint64_t{40} << 20}), Catch::Contains("half"));
  REQUIRE_THAT(refused({.growth_factor = 1.0}), Catch::Contains("above 1"));
  REQUIRE_THAT(refused({.min_chunk_bytes = 31}), Catch::Contains("between 32 and 4116 bytes"));
  REQUIRE_THAT(refused({.min_chunk_bytes = EngineOptions::kMostMinChunkBytes + 1}),
               Catch::Contains("between 32 and 4116 bytes"));
  REQUIRE_THAT(refused({.shard_count = 3}), Catch::Contains("power of two"));
}

TEST_CASE("Items may be idle for weeks") {
  EngineFixture e;
  e.Set("k", "v");
  constexpr uint32_t kDaySec = 24 * 60 * 60;
  for (const uint32_t days : {25U, 48U}) {
    e.Wait(days * kDaySec);
    REQUIRE(e.Fetch("k").value().idle_sec == days * kDaySec);
  }
}

}  // namespace
}  // namespace quarry::core
