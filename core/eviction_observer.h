#pragma once

#include <atomic>
#include <cstdint>

#include "core/listing.h"

namespace quarry::core {

/// Is told of evictions while it wants to be.
class EvictionObserver {
 public:
  virtual ~EvictionObserver() = default;

  /// Any thread. Relaxed: an eviction more or less around a change does not matter.
  bool wanted() const { return wanted_.load(std::memory_order_relaxed); }

  /// `item` is about to go, with `ttl_sec` left to live if it has an end. Called under its shard's
  /// lock, on any thread: must not block or call the engine.
  virtual void OnEviction(const Listing& item, uint32_t ttl_sec) = 0;

 protected:
  void SetWanted(bool wanted) { wanted_.store(wanted, std::memory_order_relaxed); }

 private:
  std::atomic<bool> wanted_{false};
};

}  // namespace quarry::core
