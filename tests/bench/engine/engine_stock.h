#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <absl/base/thread_annotations.h>

#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/engine.h"

namespace quarry::bench {

/// The moment of every operation of these benchmarks: nothing expires, nobody waits.
inline constexpr Instant kBenchNow{100, 100};

inline constexpr size_t kBenchValueBytes = 100;

/// An engine filled with values of kBenchValueBytes under the NumberedKeys 0, 1, 2 and so on.
class FilledEngine {
 public:
  enum class Room {
    kPlenty,  // all items are there, and as many again would fit
    kNone,    // about so many items are there, and each new one evicts another
  };

  FilledEngine(Room room, uint64_t item_count);

  core::Engine& engine() { return *engine_; }
  std::string_view value() const { return {value_.data(), value_.size()}; }
  Room room() const { return room_; }
  uint64_t item_count() const { return item_count_; }

  /// Numbers of keys that were never stored, `count` of them from the returned one on. Any thread.
  uint64_t TakeFreshNumbers(uint64_t count) {
    return next_number_.fetch_add(count, std::memory_order_relaxed);
  }

 private:
  const Room room_;
  const uint64_t item_count_;
  std::array<char, kBenchValueBytes> value_{};
  std::unique_ptr<core::Engine> engine_;
  std::atomic<uint64_t> next_number_{0};  // relaxed: it only has to give each number once
};

/// Keeps the engine that was asked for last: filling one takes seconds, and each benchmark is run
/// several times.
class EngineStock {
 public:
  /// Any thread; all threads of a benchmark ask for the same. Valid until another is asked for.
  FilledEngine& Filled(FilledEngine::Room room, uint64_t item_count);

 private:
  Mutex mutex_;
  std::unique_ptr<FilledEngine> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::bench
