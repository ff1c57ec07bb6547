#pragma once

#include <cstdint>

#include "core/arena.h"
#include "core/handle.h"
#include "core/item.h"

namespace quarry::core {

/// A doubly linked list of chunks, by handle, through Item::next and Item::prev: an LRU queue
/// (newest at the head) or the free chunks of a class. Guarded by its shard's lock.
class ChunkList {
 public:
  Handle head() const { return head_; }
  Handle tail() const { return tail_; }
  bool empty() const { return head_ == kNoHandle; }
  uint64_t size() const { return size_; }

  void PushFront(const Arena& arena, Handle handle) {
    Item& item = ItemAt(arena, handle);
    item.prev = kNoHandle;
    item.next = head_;
    (head_ == kNoHandle ? tail_ : ItemAt(arena, head_).prev) = handle;
    head_ = handle;
    ++size_;
  }

  /// The list is not empty.
  Handle PopFront(const Arena& arena) {
    const Handle handle = head_;
    head_ = ItemAt(arena, handle).next;
    (head_ == kNoHandle ? tail_ : ItemAt(arena, head_).prev) = kNoHandle;
    --size_;
    return handle;
  }

  void Remove(const Arena& arena, Handle handle) {
    const Item& item = ItemAt(arena, handle);
    (item.prev == kNoHandle ? head_ : ItemAt(arena, item.prev).next) = item.next;
    (item.next == kNoHandle ? tail_ : ItemAt(arena, item.next).prev) = item.prev;
    --size_;
  }

  /// `copy`, to which a linked chunk has been copied, takes its place.
  void Relink(const Arena& arena, Handle copy) {
    const Item& item = ItemAt(arena, copy);
    (item.prev == kNoHandle ? head_ : ItemAt(arena, item.prev).next) = copy;
    (item.next == kNoHandle ? tail_ : ItemAt(arena, item.next).prev) = copy;
  }

  void MoveToFront(const Arena& arena, Handle handle) {
    if (head_ != handle) {
      Remove(arena, handle);
      PushFront(arena, handle);
    }
  }

 private:
  static Item& ItemAt(const Arena& arena, Handle handle) {
    return *reinterpret_cast<Item*>(arena.At(handle));
  }

  Handle head_ = kNoHandle;
  Handle tail_ = kNoHandle;
  uint64_t size_ = 0;
};

}  // namespace quarry::core
