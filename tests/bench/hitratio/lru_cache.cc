#include "tests/bench/hitratio/lru_cache.h"

namespace quarry::bench {

bool LruCache::Use(uint64_t key, uint64_t cost) {
  if (const auto found = index_by_key_.find(key); found != index_by_key_.end()) {
    Unlink(found->second);
    LinkFirst(found->second);
    return true;
  }
  if (cost > capacity_) {
    return false;
  }
  while (used_ + cost > capacity_) {
    EvictLast();
  }
  const uint32_t index = TakeNode();
  nodes_[index].key = key;
  nodes_[index].cost = cost;
  used_ += cost;
  index_by_key_.emplace(key, index);
  LinkFirst(index);
  return false;
}

void LruCache::EvictLast() {
  const uint32_t index = nodes_[0].previous;
  Unlink(index);
  index_by_key_.erase(nodes_[index].key);
  used_ -= nodes_[index].cost;
  free_nodes_.push_back(index);
}

uint32_t LruCache::TakeNode() {
  if (free_nodes_.empty()) {
    nodes_.emplace_back();
    return static_cast<uint32_t>(nodes_.size() - 1);
  }
  const uint32_t index = free_nodes_.back();
  free_nodes_.pop_back();
  return index;
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
