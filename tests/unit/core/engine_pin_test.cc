#include <string>
#include <utility>
#include <vector>

#include "core/admission.h"
#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

/// A memory of 64 MB and values of up to 30 MB: two of them are nearly everything.
EngineOptions HugeOptions() {
  return EngineFixture::Memory(64, 30);
}

/// One that reads, and waits where it must.
struct Reader final : Waker {
  void Wake(uint64_t /*party*/) override { ++wakes; }

  AdmissionTicket ticket{WakeUp(*this, 0)};
  int wakes = 0;
  Pin pin;

  GetOutcome Get(EngineFixture& e, std::string_view key, const GetOptions& options = {}) {
    return e.engine->Get(e.engine->MakeKey(key), options, e.now, ticket, e.engine->read_counters(0),
                         [this](const Fetched&, Pin fetched) { pin = std::move(fetched); });
  }
};

uint64_t PinClaims(EngineFixture& e) {
  return e.engine->admission().claimed_bytes(ClaimKind::kPin);
}

TEST_CASE("An item is claimed once, however many read it, until the last is done") {
  EngineFixture e;
  const std::string value = Pattern("k", 500'000);
  e.Set("k", value);
  {
    const Pin first = e.PinOf("k");
    const uint64_t claimed = PinClaims(e);
    REQUIRE(claimed >= value.size());
    {
      const Pin second = e.PinOf("k");
      REQUIRE(PinClaims(e) == claimed);
    }
    e.Delete("k");
    REQUIRE(PinClaims(e) == claimed);
    e.Set("k", value);
    const Pin replaced = e.PinOf("k");
    REQUIRE(PinClaims(e) == 2 * claimed);
  }
  REQUIRE(PinClaims(e) == 0);
}

TEST_CASE("A value that finds no room to be pinned waits; who needs no pin does not") {
  EngineFixture e(HugeOptions());
  const std::string value = Pattern("v", 29 * kMiB);
  e.Set("a", value);
  const uint64_t cas = e.Store("b", value).cas;
  e.Set("small", "s");
  Reader first;
  Reader same;
  Reader second;
  REQUIRE(first.Get(e, "a") == GetOutcome::kHit);
  REQUIRE(same.Get(e, "a") == GetOutcome::kHit);
  REQUIRE(second.Get(e, "b") == GetOutcome::kMustWait);
  REQUIRE_FALSE(second.pin);
  REQUIRE(e.Stats().pinned_bytes == value.size());
  REQUIRE(e.Get("small") == "s");
  REQUIRE_FALSE(e.Get("gone"));
  REQUIRE(e.Fetch("b")->item.value_bytes == value.size());
  Reader knows;
  REQUIRE(knows.Get(e, "b", {.compare_cas = true, .cas = cas}) == GetOutcome::kHit);
  first.pin = {};
  REQUIRE(second.wakes == 0);
  same.pin = {};
  REQUIRE(second.wakes == 1);
  REQUIRE(second.Get(e, "b") == GetOutcome::kHit);
  REQUIRE(BytesOf(second.pin) == value);
}

TEST_CASE("A Get that must wait has had no effect") {
  EngineFixture e(HugeOptions());
  const std::string value = Pattern("v", 29 * kMiB);
  e.Set("a", value);
  e.Set("b", value);
  e.Delete("b", {.invalidate = true});
  const Pin reader = e.PinOf("a");
  const GetOptions options = {.touch = true, .may_win = true, .expiry = e.In(10)};
  Reader waiting;
  const uint64_t hits = e.Stats().class_totals.get_hits;
  REQUIRE(waiting.Get(e, "b", options) == GetOutcome::kMustWait);
  REQUIRE(e.Stats().class_totals.get_hits == hits);
  const auto found = e.Fetch("b", {.bump = false, .may_win = true});
  REQUIRE(found->win == Win::kWon);
  REQUIRE_FALSE(found->fetched_before);
  REQUIRE(found->item.expiry == kNever);
}

TEST_CASE("A claim that came too late for its value is given back") {
  EngineFixture e(HugeOptions());
  const std::string value = Pattern("v", 29 * kMiB);
  e.Set("a", value);
  e.Set("b", value);
  Reader waiting;
  {
    const Pin reader = e.PinOf("a");
    REQUIRE(waiting.Get(e, "b") == GetOutcome::kMustWait);
    e.Set("b", "short");
  }
  REQUIRE(waiting.wakes == 1);
  REQUIRE(PinClaims(e) > 0);
  REQUIRE(waiting.Get(e, "b") == GetOutcome::kHit);
  REQUIRE(PinClaims(e) == 0);
}

TEST_CASE("Stores of every size find pages while as much as possible is pinned and arriving") {
  EngineFixture e(HugeOptions());
  for (int i = 0; i < 40; ++i) {
    e.Set("filler" + std::to_string(i), Pattern("filler", kMiB));
  }
  const std::string value = Pattern("v", 29 * kMiB);
  e.Set("a", value);
  const Pin reader = e.PinOf("a");
  AdmissionTicket ticket;
  for (int round = 0; round < 5; ++round) {
    REQUIRE(e.engine->AdmitUpload(ticket, value.size()));
    REQUIRE(e.Set("b", value) == StoreOutcome::kStored);
    for (int i = 0; i < 3000; ++i) {
      const size_t bytes = 10 + static_cast<size_t>(i) * 17 % 6000;
      REQUIRE(e.Set("s" + std::to_string(i), Pattern("s", bytes)) == StoreOutcome::kStored);
    }
    ticket.Release();
  }
  REQUIRE(BytesOf(reader) == value);
}

TEST_CASE("A stalled upload holds its page, and none of the stores that need another") {
  EngineFixture e(EngineFixture::Memory(32));
  // The head lies among the items that are stored next, which are the first of their list as well.
  const Upload stalled = e.engine->BeginUpload(e.engine->MakeKey("stalled"), kPageBytes, e.now);
  REQUIRE(stalled);
  const std::string value = Pattern("v", 34);
  for (int i = 1'000'000; e.Stats().class_totals.evicted == 0;) {
    for (const int end = i + 100; i < end; ++i) {
      e.Set("key" + std::to_string(i), value);
    }
  }
  for (int i = 0; i < 200; ++i) {
    REQUIRE(e.Set("n" + std::to_string(i), Pattern("n", 1000)) == StoreOutcome::kStored);
  }
}

TEST_CASE("Items that are held at the end of their list do not keep stores from the others") {
  EngineFixture e(EngineFixture::Memory(128));
  int count = 0;
  for (; e.Stats().class_totals.evicted == 0; ++count) {
    e.Set("v" + std::to_string(count), Pattern("v", kPageBytes));
  }
  std::vector<Pin> pins;
  for (int i = count - 1; i >= 0; --i) {
    Reader reader;
    if (reader.Get(e, "v" + std::to_string(i)) == GetOutcome::kMustWait) {
      break;
    }
    pins.push_back(std::move(reader.pin));
  }
  REQUIRE(pins.size() > 100);
  for (int i = 0; i < count - static_cast<int>(pins.size()); ++i) {
    e.Fetch("v" + std::to_string(i), {.want_value = false});  // now the pinned ones are the oldest
  }
  for (int i = 0; i < 300; ++i) {
    const size_t bytes = i % 3 == 0 ? kPageBytes : size_t{200} << (i % 3);
    REQUIRE(e.Set("n" + std::to_string(i), Pattern("n", bytes)) == StoreOutcome::kStored);
  }
}

TEST_CASE("Items that are held and on probation do not keep stores from the protected ones") {
  EngineFixture e(EngineFixture::Memory(32));
  std::vector<std::string> keys;
  const auto add = [&](size_t bytes) {
    keys.push_back("v" + std::to_string(keys.size()));
    REQUIRE(e.Set(keys.back(), Pattern("v", bytes)) == StoreOutcome::kStored);
  };
  const auto read_all = [&] {
    for (const std::string& key : keys) {
      e.Fetch(key, {.want_value = false});
    }
  };
  while (e.Stats().class_totals.evicted < 50) {  // which pass all that was read: it is protected
    read_all();
    add(60'000);
  }
  std::vector<Pin> pins;
  while (pins.size() < 160) {  // more than a fifth of the items
    read_all();
    for (int i = 0; i < 10; ++i) {
      const std::string key = "held" + std::to_string(pins.size());
      REQUIRE(e.Set(key, Pattern("h", 4200)) == StoreOutcome::kStored);
      Reader reader;
      REQUIRE(reader.Get(e, key) == GetOutcome::kHit);
      pins.push_back(std::move(reader.pin));
    }
  }
  for (int i = 0; i < 300; ++i) {
    const size_t bytes = i % 3 == 0 ? 1'000'000 : size_t{200} << (i % 3);
    REQUIRE(e.Set("n" + std::to_string(i), Pattern("n", bytes)) == StoreOutcome::kStored);
  }
}

TEST_CASE("Pins of many middling values leave room for stores of every size") {
  EngineFixture e;
  for (int i = 0; i < 6000; ++i) {
    e.Set("m" + std::to_string(i), Pattern("m", 7000 + static_cast<size_t>(i) * 97 % 50'000));
  }
  std::vector<Pin> pins;
  uint32_t refused = 0;
  for (int i = 0; i < 6000; ++i) {
    Reader reader;
    if (reader.Get(e, "m" + std::to_string(i)) == GetOutcome::kMustWait) {
      ++refused;
    } else if (reader.pin) {
      pins.push_back(std::move(reader.pin));
    }
  }
  REQUIRE(refused > 0);
  REQUIRE(pins.size() > 50);
  for (int i = 0; i < 4000; ++i) {
    const size_t bytes = 10 + static_cast<size_t>(i) * 257 % 900'000;
    REQUIRE(e.Set("n" + std::to_string(i % 200), Pattern("n", bytes)) == StoreOutcome::kStored);
  }
}

}  // namespace
}  // namespace quarry::core
