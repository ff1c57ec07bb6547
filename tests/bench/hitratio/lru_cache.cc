#include "tests/bench/hitratio/lru_cache.h"

namespace quarry::bench {

LruCache::LruCache(uint32_t max_items) : max_items_(max_items), nodes_(1) {}

bool LruCache::Use(uint64_t key) {
  if (const auto found = index_by_key_.find(key); found != index_by_key_.end()) {
    Unlink(found->second);
    LinkFirst(found->second);
    return true;
  }
  uint32_t index = nodes_[0].previous;
  if (item_count() < max_items_) {
    index = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
  } else {
    Unlink(index);
    index_by_key_.erase(nodes_[index].key);
  }
  nodes_[index].key = key;
  index_by_key_.emplace(key, index);
  LinkFirst(index);
  return false;
}

void LruCache::Unlink(uint32_t index) {
  const Node& node = nodes_[index];
  nodes_[node.previous].next = node.next;
  nodes_[node.next].previous = node.previous;
}

void LruCache::LinkFirst(uint32_t index) {
  const uint32_t second = nodes_[0].next;
  nodes_[index].previous = 0;
  nodes_[index].next = second;
  nodes_[second].previous = index;
  nodes_[0].next = index;
}

}  // namespace quarry::bench
