#pragma once

#include <cstdint>

#include "core/arena.h"
#include "core/chunk_list.h"

namespace quarry::core {

/// The items of one LRU list, in two queues, with lazy promotion: a read only counts
/// (Item::access_count), as does a store that leaves an item in its chunk, and items move where
/// they come to an end.
///
///      a new item                                an item that comes back soon after its eviction
///          |                                          |
///          v                     used since           v
///     [ probation, a fifth of the items ] --> [ protected, the others ]--.
///          |     ^                                    |     ^            | used since: once more,
///          v     `------------- not used -------------'     `------------' one count less
///       evicted
///
/// Items that will soon expire ("temporary", see Engine::SetTemporaryTtl) are in a third queue, in
/// the order in which they came, whether they are read or not. While they are at most a fifth of
/// all items, the two queues above are what is evicted from; beyond, the oldest of them.
///
/// Guarded by its shard's lock. A linked item's state names its queue.
class SegmentedLru {
 public:
  enum class Queue : uint8_t {
    kProbation,
    kProtected,
    kTemporary,
  };
  enum class Move : uint8_t {
    kNone,         ///< the tail is to be evicted
    kWithinQueue,  ///< it went to the front
    kToProtected,
    kToProbation,
    kToTemporary,
  };

  bool empty() const { return size() == 0; }
  uint64_t size() const { return probation_.size() + protected_.size() + temporary_.size(); }
  uint64_t probation_count() const { return probation_.size(); }
  uint64_t protected_count() const { return protected_.size(); }
  uint64_t temporary_count() const { return temporary_.size(); }

  /// Links an item as the newest of a queue.
  void Insert(const Arena& arena, Handle handle, Queue queue);
  void Remove(const Arena& arena, Handle handle) { QueueOf(arena, handle).Remove(arena, handle); }
  void MoveToFront(const Arena& arena, Handle handle) {
    QueueOf(arena, handle).MoveToFront(arena, handle);
  }
  /// Brings an item that cannot be evicted at present to the front of the other queue: in its own,
  /// of which it is always the turn while it is full, such items would hide what is in the other.
  void Postpone(const Arena& arena, Handle handle);
  /// `copy`, to which a linked item has been copied, takes its place.
  void Relink(const Arena& arena, Handle copy) { QueueOf(arena, copy).Relink(arena, copy); }
  /// Makes an item the newest of all, as plain LRU does at every use.
  void Renew(const Arena& arena, Handle handle);

  /// The item whose turn it is. The list is not empty. `flat`: in plain LRU, where all items are on
  /// probation, but for those that were elsewhere before.
  Handle tail(bool flat) const;
  /// The oldest of the protected items, or kNoHandle.
  Handle protected_tail() const { return protected_.tail(); }
  /// The oldest of the temporary items, or kNoHandle.
  Handle temporary_tail() const { return temporary_.tail(); }
  /// There are so many temporary items that it is their turn.
  bool temporary_is_full() const;
  /// Moves the tail of its queue as the picture above has it. `temporary`: that is what the item is
  /// now, in whichever queue.
  Move Pass(const Arena& arena, Handle tail, bool temporary);

 private:
  ChunkList& QueueOf(const Arena& arena, Handle handle);
  void MoveTo(const Arena& arena, Handle handle, Queue queue);

  ChunkList probation_;
  ChunkList protected_;
  ChunkList temporary_;
};

}  // namespace quarry::core
