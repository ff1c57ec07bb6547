#pragma once

#include <cstdint>

#include "core/arena.h"
#include "core/chunk_list.h"

namespace quarry::core {

/// The items of one LRU list, in two queues, with lazy promotion: a read only counts
/// (Item::access_count), and items move where they come to an end.
///
///      a new item                                an item that comes back soon after its eviction
///          |                                          |
///          v                     read since           v
///     [ probation, a fifth of the items ] --> [ protected, the others ]--.
///          |     ^                                    |     ^            | read since: once more,
///          v     `------------- not read -------------'     `------------' one count less
///       evicted
///
/// Guarded by its shard's lock. A linked item's state names its queue.
class SegmentedLru {
 public:
  enum class Move : uint8_t {
    kNone,         ///< the tail is to be evicted
    kWithinQueue,  ///< it went to the front
    kToProtected,
    kToProbation,
  };

  bool empty() const { return size() == 0; }
  uint64_t size() const { return probation_.size() + protected_.size(); }
  uint64_t protected_count() const { return protected_.size(); }

  /// Links an item as the newest: of the protected queue if it `returns`.
  void Insert(const Arena& arena, Handle handle, bool returns);
  void Remove(const Arena& arena, Handle handle) { QueueOf(arena, handle).Remove(arena, handle); }
  void MoveToFront(const Arena& arena, Handle handle) {
    QueueOf(arena, handle).MoveToFront(arena, handle);
  }
  /// `copy`, to which a linked item has been copied, takes its place.
  void Relink(const Arena& arena, Handle copy) { QueueOf(arena, copy).Relink(arena, copy); }
  /// Makes an item the newest of all, as plain LRU does at every use.
  void Renew(const Arena& arena, Handle handle);

  /// The item whose turn it is. The list is not empty. `flat`: in plain LRU, where all items are on
  /// probation, but for those that were protected before.
  Handle tail(bool flat) const;
  /// Moves the tail as the picture above has it.
  Move Pass(const Arena& arena, Handle tail);

 private:
  ChunkList& QueueOf(const Arena& arena, Handle handle);

  ChunkList probation_;
  ChunkList protected_;
};

}  // namespace quarry::core
