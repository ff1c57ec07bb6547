#pragma once

#include <atomic>
#include <cstdint>

namespace quarry::core {

/// Counts the uses of large items in all shards, which puts their last items in order: a second is
/// too coarse where a few items fill the memory in one.
class LargeTurns {
 public:
  uint32_t Next() { return last_.fetch_add(1, std::memory_order_relaxed) + 1; }
  /// Uses since `turn`.
  uint32_t Since(uint32_t turn) const { return last_.load(std::memory_order_relaxed) - turn; }

 private:
  std::atomic<uint32_t> last_{0};
};

}  // namespace quarry::core
