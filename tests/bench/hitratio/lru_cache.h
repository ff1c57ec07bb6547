#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

namespace quarry::bench {

/// The textbook's LRU: a list of keys in the exact order of their last use, the last of which
/// makes room. Capacity is counted in items.
class LruCache {
 public:
  /// 1 <= max_items < 2^32 - 1.
  explicit LruCache(uint32_t max_items);

  /// Asks for the key and moves it to the front. Returns whether it was there; if not, it is now,
  /// in the place of the one used longest ago where there was no room.
  bool Use(uint64_t key);

  uint64_t item_count() const { return nodes_.size() - 1; }

 private:
  /// nodes_[0] is not an item: its next is the item used last, its previous the one used longest
  /// ago.
  struct Node {
    uint64_t key = 0;
    uint32_t previous = 0;
    uint32_t next = 0;
  };

  void Unlink(uint32_t index);
  void LinkFirst(uint32_t index);

  const uint32_t max_items_;
  std::vector<Node> nodes_;
  absl::flat_hash_map<uint64_t, uint32_t> index_by_key_;
};

}  // namespace quarry::bench
