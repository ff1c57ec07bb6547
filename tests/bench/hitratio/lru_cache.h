#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

namespace quarry::bench {

/// The textbook's LRU: a list of keys in the exact order of their last use, the last of which make
/// room. What counts as room is the caller's choice: items, each of cost 1, or bytes.
class LruCache {
 public:
  explicit LruCache(uint64_t capacity) : capacity_(capacity), nodes_(1) {}

  /// Asks for the key and moves it to the front. Returns whether it was there; if not, it is now,
  /// at this cost, in the place of those used longest ago where there was no room; unless the cost
  /// exceeds the capacity, which changes nothing.
  bool Use(uint64_t key, uint64_t cost = 1);

  uint64_t item_count() const { return index_by_key_.size(); }

 private:
  /// nodes_[0] is not an item: its next is the item used last, its previous the one used longest
  /// ago.
  struct Node {
    uint64_t key = 0;
    uint64_t cost = 0;
    uint32_t previous = 0;
    uint32_t next = 0;
  };

  void EvictLast();
  uint32_t TakeNode();
  void Unlink(uint32_t index);
  void LinkFirst(uint32_t index);

  const uint64_t capacity_;
  uint64_t used_ = 0;
  std::vector<Node> nodes_;
  std::vector<uint32_t> free_nodes_;
  absl::flat_hash_map<uint64_t, uint32_t> index_by_key_;
};

}  // namespace quarry::bench
