#include "tests/bench/engine/engine_stock.h"

#include <utility>

#include "core/base/check.h"
#include "tests/bench/engine/numbered_key.h"

namespace quarry::bench {
namespace {

/// Header, key, value, index, and what the slab classes leave unused.
constexpr uint64_t kMemoryPerItem = 165;

core::EngineOptions OptionsFor(FilledEngine::Room room, uint64_t item_count) {
  core::EngineOptions options;
  options.memory_bytes =
      item_count * kMemoryPerItem * (room == FilledEngine::Room::kPlenty ? 2 : 1);
  return options;
}

}  // namespace

FilledEngine::FilledEngine(Room room, uint64_t item_count) : room_(room), item_count_(item_count) {
  value_.fill('v');
  auto created = core::Engine::Create(OptionsFor(room, item_count));
  QUARRY_CHECK(created.ok());
  engine_ = *std::move(created);
  const uint64_t key_count = room == Room::kPlenty ? item_count : item_count + item_count / 4;
  NumberedKey key;
  for (uint64_t number = TakeFreshNumbers(key_count); number < key_count; ++number) {
    const auto result = engine_->Store(engine_->MakeKey(key.Of(number)), {}, value(), kBenchNow);
    QUARRY_CHECK(result.outcome == core::StoreOutcome::kStored);
  }
  const core::EngineStats stats = engine_->Stats(kBenchNow);
  QUARRY_CHECK((stats.class_totals.evicted > 0) == (room == Room::kNone));
}

FilledEngine& EngineStock::Filled(FilledEngine::Room room, uint64_t item_count) {
  const MutexLock lock(mutex_);
  if (last_ == nullptr || last_->room() != room || last_->item_count() != item_count) {
    last_.reset();  // first: two would be too much for a small machine
    last_ = std::make_unique<FilledEngine>(room, item_count);
  }
  return *last_;
}

}  // namespace quarry::bench
