#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"
#include "tests/unit/core/weighted_operations.h"

namespace quarry::core {
namespace {

/// What the engine should hold, in the simplest way: every item ever stored that has not ended. The
/// engine may have evicted an item, but must never show another than this.
class Model {
 public:
  struct Item {
    std::string value;
    uint32_t client_flags = 0;
    Expiry expiry = kNever;
    uint64_t cas = 0;
  };

  void Store(const std::string& key, Item item) { items_[key] = std::move(item); }
  void Erase(const std::string& key) { items_.erase(key); }
  void Clear() { items_.clear(); }
  Item* Find(const std::string& key, Instant now) {
    const auto found = items_.find(key);
    return found == items_.end() || HasExpired(found->second.expiry, now) ? nullptr
                                                                          : &found->second;
  }

 private:
  std::map<std::string, Item> items_;
};

/// Whether all items of a walk fit into the memory. Where they do, nothing is evicted, and a miss
/// is right only if the model has none either.
enum class Room {
  kTight,
  kPlenty
};

/// How often a walk came by what it is for.
struct Seen {
  uint64_t steps = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t refused = 0;  // conditions that did not hold
  uint64_t evictions = 0;
};

/// The number that a value spells, with spaces behind it.
std::optional<uint64_t> NumberIn(std::string_view value) {
  value = value.substr(0, value.find_last_not_of(' ') + 1);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  return whole ? std::optional(number) : std::nullopt;
}

/// A random walk of an engine and its model, side by side.
class Walk {
 public:
  Walk(uint32_t seed, Room room, uint32_t min_chunk_bytes)
      : random_(seed), room_(room), engine_(Options(room, min_chunk_bytes)) {}

  void Go(uint64_t step_count) {
    for (uint64_t step = 0; step < step_count; ++step) {
      Step();
    }
    seen_.steps += step_count;
  }

  /// Flushes and sweeps every item, after which nothing of any is left.
  Seen End() {
    CheckPinned();
    seen_.evictions = engine_.Stats().class_totals.evicted;
    engine_.engine->Flush(kNever, engine_.now);
    for (int round = 0; round < 300; ++round) {
      engine_.engine->Maintain(engine_.now);
    }
    const EngineStats stats = engine_.Stats();
    REQUIRE(stats.items == 0);
    REQUIRE(stats.item_bytes == 0);
    REQUIRE(stats.pinned_bytes == 0);
    for (const ClassStats& each : stats.classes) {
      CAPTURE(each.class_id);
      REQUIRE(each.used_chunks == 0);
    }
    return seen_;
  }

 private:
  using Operation = WeightedOperation<Walk>;

  static constexpr uint32_t kMemoryChangeMib = 24;
  static uint64_t LeastMemoryMib(Room room) {
    return room == Room::kTight ? EngineOptions::kMinMemoryBytes / kMiB : 256;
  }

  static EngineOptions Options(Room room, uint32_t min_chunk_bytes) {
    EngineOptions options = EngineFixture::DefaultOptions();
    options.memory_bytes = LeastMemoryMib(room) * kMiB;
    options.max_memory_bytes = options.memory_bytes + kMemoryChangeMib * kMiB;
    options.shard_count = 2;
    options.min_chunk_bytes = min_chunk_bytes;
    return options;
  }

  /// Whatever an engine can be told to do is a row here.
  void Step() {
    static constexpr std::array kOperations = {
        Operation{2400, &Walk::Set},       Operation{300, &Walk::Add},
        Operation{300, &Walk::Replace},    Operation{600, &Walk::StoreOverCas},
        Operation{800, &Walk::Append},     Operation{800, &Walk::Prepend},
        Operation{600, &Walk::Count},      Operation{800, &Walk::Delete},
        Operation{800, &Walk::Touch},      Operation{200, &Walk::PinValue},
        Operation{30, &Walk::SetTooLarge}, Operation{1, &Walk::Flush},
        Operation{2, &Walk::FlushLater},   Operation{100, &Walk::Wait},
        Operation{800, &Walk::Maintain},   Operation{2400, &Walk::Check},
        Operation{5, &Walk::ChangeMemory},
    };
    key_ = Below(10) == 0 ? CountedKey() : "key-" + std::to_string(Below(200));
    RunDrawn(kOperations, Below(TotalWeight(kOperations)), *this);
  }

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  std::string CountedKey() { return "count-" + std::to_string(Below(20)); }
  Model::Item* Found() { return model_.Find(key_, engine_.now); }

  /// Small, medium and large, some that end shortly before a page, and another each time.
  std::string Value() {
    const uint32_t kind = Below(100);
    const auto page_bytes = static_cast<uint32_t>(kPageBytes);
    const uint32_t bytes = kind < 60   ? Below(200)
                           : kind < 83 ? Below(6200)
                           : kind < 96 ? 6000 + Below(60'000)
                           : kind < 99 ? 60'000 + Below(900'000)
                                       : page_bytes * (1 + Below(6)) - Below(1000);
    std::string value = key_ + " " + std::to_string(++last_version_) + "|";
    value.append(Noise(Below(kMiB), bytes));
    value.resize(bytes);
    return value;
  }

  Model::Item NewItem() {
    Model::Item item{Value(), Below(2) * Below(1000), kNever, 0};
    if (Below(3) == 0) {
      item.expiry = engine_.In(1 + Below(20));
    }
    return item;
  }

  /// Stores a new item, which the model then has as well, or has no such item any more.
  StoreOutcome Store(StoreOptions options) {
    Model::Item item = NewItem();
    options.client_flags = item.client_flags;
    options.expiry = item.expiry;
    const StoreResult result = engine_.Store(key_, item.value, options);
    if (result.outcome == StoreOutcome::kStored) {
      item.cas = result.cas;
      model_.Store(key_, std::move(item));
    }
    return result.outcome;
  }

  /// The engine has no such item: it may have been evicted, and is gone for good.
  void Miss() {
    ++seen_.misses;
    REQUIRE((room_ == Room::kTight || Found() == nullptr));
    model_.Erase(key_);
  }

  void Set() { REQUIRE(Store({}) == StoreOutcome::kStored); }

  void Add() {
    const bool known = Found() != nullptr;
    if (Store({.mode = StoreMode::kAdd}) == StoreOutcome::kStored) {
      REQUIRE((room_ == Room::kTight || !known));
    } else {
      REQUIRE(known);
      ++seen_.refused;
    }
  }

  void Replace() {
    const bool known = Found() != nullptr;
    if (Store({.mode = StoreMode::kReplace}) == StoreOutcome::kStored) {
      REQUIRE(known);
    } else {
      Miss();
    }
  }

  void StoreOverCas() {
    const Model::Item* item = Found();
    const bool fits = Below(3) > 0;
    const uint64_t cas = (item == nullptr ? 1 : item->cas) + (fits ? 0 : 1);
    const StoreOutcome outcome = Store({.compare_cas = true, .cas = cas});
    if (outcome == StoreOutcome::kNotFound) {
      return Miss();
    }
    REQUIRE(item != nullptr);
    REQUIRE(outcome == (fits ? StoreOutcome::kStored : StoreOutcome::kExists));
    seen_.refused += fits ? 0 : 1;
  }

  void Append() { Join(StoreMode::kAppend); }
  void Prepend() { Join(StoreMode::kPrepend); }

  void Join(StoreMode mode) {
    const std::string added = Value();
    Model::Item* item = Found();
    const StoreResult result = engine_.Store(key_, added, {.mode = mode});
    if (result.outcome == StoreOutcome::kNotStored) {
      return Miss();
    }
    REQUIRE(item != nullptr);
    const size_t joined_bytes = item->value.size() + added.size();
    const bool too_large = engine_.engine->IsTooLarge(key_.size(), joined_bytes);
    REQUIRE(result.outcome == (too_large ? StoreOutcome::kTooLarge : StoreOutcome::kStored));
    if (!too_large) {
      item->value = mode == StoreMode::kAppend ? item->value + added : added + item->value;
      item->cas = result.cas;
      REQUIRE(result.value_bytes == joined_bytes);
    }
  }

  void Count() {
    key_ = Below(4) == 0 ? key_ : CountedKey();
    Model::Item* item = Found();
    const ArithmeticOptions options{.decrement = Below(2) == 0,
                                    .vivify = Below(2) == 0,
                                    .vivify_expiry = Below(2) == 0 ? kNever : engine_.In(10),
                                    .delta = Below(3) == 0 ? random_() : Below(100),
                                    .initial = random_()};
    const ArithmeticResult result = engine_.Count(key_, options);
    if (result.outcome == ArithmeticOutcome::kNotFound) {
      REQUIRE_FALSE(options.vivify);
      return Miss();
    }
    if (result.outcome == ArithmeticOutcome::kCreated) {
      REQUIRE(options.vivify);
      REQUIRE((room_ == Room::kTight || item == nullptr));
      REQUIRE(result.value == options.initial);
      return model_.Store(key_,
                          {std::to_string(options.initial), 0, options.vivify_expiry, result.cas});
    }
    REQUIRE(item != nullptr);
    const std::optional<uint64_t> number = NumberIn(item->value);
    REQUIRE(result.outcome == (number ? ArithmeticOutcome::kDone : ArithmeticOutcome::kNonNumeric));
    if (number) {
      const uint64_t less = *number - std::min(*number, options.delta);
      REQUIRE(result.value == (options.decrement ? less : *number + options.delta));
      std::string text = std::to_string(result.value);
      text.resize(std::max(text.size(), item->value.size()), ' ');
      item->value = text;
      item->cas = result.cas;
    }
  }

  void Delete() {
    const Model::Item* item = Found();
    const bool compares = Below(3) == 0;
    const bool fits = Below(2) == 0;
    const uint64_t cas = (item == nullptr ? 1 : item->cas) + (fits ? 0 : 1);
    const DeleteOutcome outcome = engine_.Delete(key_, {.compare_cas = compares, .cas = cas});
    if (outcome == DeleteOutcome::kNotFound) {
      return Miss();
    }
    REQUIRE(item != nullptr);
    if (compares && !fits) {
      ++seen_.refused;
      REQUIRE(outcome == DeleteOutcome::kExists);
    } else {
      REQUIRE(outcome == DeleteOutcome::kDeleted);
      model_.Erase(key_);
    }
  }

  void Touch() {
    const Expiry expiry = Below(2) == 0 ? kNever : engine_.In(Below(20));
    Model::Item* item = Found();
    if (!engine_.Fetch(key_, {.touch = true, .expiry = expiry})) {
      return Miss();
    }
    REQUIRE(item != nullptr);
    item->expiry = expiry;
  }

  /// Keeps a value in place, whatever becomes of its item, until the next one.
  void PinValue() {
    CheckPinned();
    pin_ = engine_.PinOf(key_);
    if (pin_) {
      REQUIRE(Found() != nullptr);
      pinned_value_ = Found()->value;
    }
  }

  void CheckPinned() {
    if (pin_) {
      REQUIRE(BytesOf(pin_) == pinned_value_);
      pin_ = Pin();
    }
  }

  void ChangeMemory() {
    REQUIRE(engine_.SetMemory(LeastMemoryMib(room_) + Below(kMemoryChangeMib + 1)));
    REQUIRE((pin_ || engine_.Stats().pages_held <= engine_.Stats().pages_total));
  }

  void SetTooLarge() {
    REQUIRE(engine_.Set(key_, Noise(0, kMiB)) == StoreOutcome::kTooLarge);
    model_.Erase(key_);
  }

  void Flush() {
    engine_.engine->Flush(kNever, engine_.now);
    flush_at_ = kNever;
    model_.Clear();
  }

  void FlushLater() {
    flush_at_ = engine_.In(1 + Below(10));
    engine_.engine->Flush(flush_at_, engine_.now);
  }

  void Wait() {
    engine_.Wait(Below(20) == 0 ? 15 : 1);
    if (HasExpired(flush_at_, engine_.now)) {
      flush_at_ = kNever;
      model_.Clear();
    }
  }

  void Maintain() { engine_.engine->Maintain(engine_.now); }

  void Check() {
    const Model::Item* item = Found();
    const auto shown = engine_.Fetch(key_);
    if (!shown) {
      return Miss();
    }
    ++seen_.hits;
    REQUIRE(item != nullptr);
    REQUIRE(engine_.Get(key_) == item->value);
    REQUIRE(shown->item.client_flags == item->client_flags);
    REQUIRE(shown->item.expiry == item->expiry);
    REQUIRE(shown->item.cas == item->cas);
  }

  std::mt19937_64 random_;
  const Room room_;
  EngineFixture engine_;
  Model model_;
  Expiry flush_at_ = kNever;
  Pin pin_;
  std::string pinned_value_;
  uint64_t last_version_ = 0;
  std::string key_;
  Seen seen_;
};

Seen WalkWith(uint32_t seed, Room room, uint64_t step_count,
              uint32_t min_chunk_bytes = EngineOptions().min_chunk_bytes) {
  CAPTURE(seed);
  Walk walk(seed, room, min_chunk_bytes);
  walk.Go(step_count);
  const Seen seen = walk.End();
  REQUIRE(seen.hits > 0);
  REQUIRE(seen.misses > 0);
  REQUIRE(seen.refused > 0);
  REQUIRE((seen.evictions > 0) == (room == Room::kTight));
  return seen;
}

TEST_CASE("Over random operations under pressure the engine shows what a simple map would show") {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    WalkWith(seed, Room::kTight, 20'000);
  }
}

TEST_CASE("Where no chunk is small the engine shows what a simple map would show, too") {
  WalkWith(6, Room::kTight, 20'000, EngineOptions::kMostMinChunkBytes);
  WalkWith(7, Room::kPlenty, 20'000, EngineOptions::kMostMinChunkBytes);
}

TEST_CASE("Over random operations with room for all the engine is a simple map") {
  WalkWith(5, Room::kPlenty, 20'000);
}

TEST_CASE("Over millions of operations the engine shows what a simple map would show", "[.long]") {
  Seen sum;
  for (uint32_t seed = 100; seed < 112; ++seed) {
    const Seen seen = WalkWith(seed, seed % 3 == 0 ? Room::kPlenty : Room::kTight, 250'000);
    sum.steps += seen.steps;
    sum.hits += seen.hits;
    sum.misses += seen.misses;
    sum.refused += seen.refused;
    sum.evictions += seen.evictions;
  }
  WARN(sum.steps << " steps: " << sum.hits << " hits, " << sum.misses << " misses, " << sum.refused
                 << " refused, " << sum.evictions << " evictions");
}

}  // namespace
}  // namespace quarry::core
