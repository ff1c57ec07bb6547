#include <map>
#include <random>
#include <string>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

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

class Walk {
 public:
  explicit Walk(uint32_t seed) : random_(seed), engine_(Options()) {}

  void Step() {
    key_ = "key-" + std::to_string(Below(400));
    switch (Below(12)) {
      case 0:
      case 1:
      case 2:
        return Set();
      case 3:
        return Join(StoreMode::kAppend);
      case 4:
        return Join(StoreMode::kPrepend);
      case 5:
        engine_.Delete(key_);
        return model_.Erase(key_);
      case 6:
        return Touch();
      case 7:
        return Below(40) == 0 ? Flush() : engine_.Wait(Below(50) == 0 ? 1 : 0);
      case 8:
        return engine_.engine->Maintain(engine_.now);
      default:
        return Check();
    }
  }

 private:
  static EngineOptions Options() {
    EngineOptions options = EngineFixture::DefaultOptions();
    options.memory_bytes = EngineOptions::kMinMemoryBytes;
    options.shard_count = 2;
    return options;
  }

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  std::string Value() {
    const uint32_t kind = Below(100);
    const uint32_t bytes = kind < 60   ? Below(200)
                           : kind < 85 ? Below(7000)
                           : kind < 97 ? Below(66'000)
                                       : Below(900'000);
    return Pattern(key_ + std::to_string(random_()), bytes);
  }

  void Set() {
    Model::Item item{Value(), Below(2) * Below(1000), kNever};
    if (Below(3) == 0) {
      item.expiry = engine_.In(1 + Below(20));
    }
    REQUIRE(
        engine_.Store(key_, item.value, {.client_flags = item.client_flags, .expiry = item.expiry})
            .outcome == StoreOutcome::kStored);
    model_.Store(key_, item);
  }

  void Join(StoreMode mode) {
    const std::string added = Value();
    Model::Item* item = model_.Find(key_, engine_.now);
    const StoreOutcome outcome = engine_.Store(key_, added, {.mode = mode}).outcome;
    if (outcome == StoreOutcome::kStored) {
      REQUIRE(item != nullptr);
      item->value = mode == StoreMode::kAppend ? item->value + added : added + item->value;
    } else if (outcome == StoreOutcome::kNotStored) {
      model_.Erase(key_);  // never there, or evicted
    } else {
      REQUIRE(outcome == StoreOutcome::kTooLarge);
    }
  }

  void Touch() {
    const Expiry expiry = Below(2) == 0 ? kNever : engine_.In(Below(20));
    Model::Item* item = model_.Find(key_, engine_.now);
    const auto touched = engine_.Fetch(key_, {.touch = true, .expiry = expiry});
    if (touched) {
      REQUIRE(item != nullptr);
      item->expiry = expiry;
    } else {
      model_.Erase(key_);
    }
  }

  void Flush() {
    engine_.engine->Flush(kNever, engine_.now);
    model_.Clear();
  }

  void Check() {
    const Model::Item* item = model_.Find(key_, engine_.now);
    const auto shown = engine_.Fetch(key_);
    if (!shown) {
      return model_.Erase(key_);
    }
    REQUIRE(item != nullptr);
    REQUIRE(engine_.Get(key_) == item->value);
    REQUIRE(shown->item.client_flags == item->client_flags);
    REQUIRE(shown->item.expiry == item->expiry);
  }

  std::mt19937 random_;
  EngineFixture engine_;
  Model model_;
  std::string key_;
};

TEST_CASE("Over random operations under pressure the engine shows what a simple map would show") {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int step = 0; step < 20'000; ++step) {
      walk.Step();
    }
  }
}

}  // namespace
}  // namespace quarry::core
