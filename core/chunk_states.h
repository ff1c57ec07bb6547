#pragma once

#include <cstdint>

#include "core/arena.h"
#include "core/handle.h"
#include "core/item.h"

namespace quarry::core {

/// What the chunks of the slab classes' pages are, and whose. Of a block that stands in the arena,
/// so that a part of a value is all value; of any other chunk in its header. Guarded by the lock of
/// the shard that has the page.
class ChunkStates {
 public:
  ChunkStates(const Arena& arena, uint32_t block_class)
      : arena_(arena), block_class_(block_class) {}

  bool IsFree(Handle chunk) const {
    return IsBlock(chunk) ? arena_.block_owner(chunk) == kNoHandle
                          : ItemAt(chunk).state() == ChunkState::kFree;
  }
  void MarkFree(Handle chunk) const {
    if (IsBlock(chunk)) {
      arena_.block_owner(chunk) = kNoHandle;
    } else {
      ItemAt(chunk).set_state(ChunkState::kFree);
    }
  }
  /// Nothing of what is in the chunk is read, which would wait for memory.
  void MarkDetached(Handle chunk) const {
    if (IsBlock(chunk)) {
      arena_.block_owner(chunk) = chunk;
    } else {
      ItemAt(chunk) = Item();
    }
  }

  /// The item that a chunk in use belongs to: another's if it is a part of a large item.
  Handle OwnerOf(Handle chunk) const {
    if (IsBlock(chunk)) {
      return arena_.block_owner(chunk);
    }
    const Item& item = ItemAt(chunk);
    const bool is_part = item.state() == ChunkState::kDetached && item.key_bytes == 0;
    return is_part ? item.next : chunk;
  }
  void SetOwner(Handle part, Handle head) const {
    (IsBlock(part) ? arena_.block_owner(part) : ItemAt(part).next) = head;
  }

  /// True where a linked item begins in the chunk, which may also be the head on a head page.
  bool HoldsItem(Handle chunk) const {
    const bool may_be_item =
        arena_.info(PageOf(chunk)).has_head ? ChunkOf(chunk) == 1 : OwnerOf(chunk) == chunk;
    return may_be_item && ItemAt(chunk).is_linked();
  }

 private:
  Item& ItemAt(Handle chunk) const { return *reinterpret_cast<Item*>(arena_.At(chunk)); }
  bool IsBlock(Handle chunk) const {
    return arena_.info(PageOf(chunk)).class_index == block_class_;
  }

  const Arena& arena_;
  const uint32_t block_class_;
};

}  // namespace quarry::core
