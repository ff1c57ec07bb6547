#include "core/segmented_lru.h"

namespace quarry::core {
namespace {

// One item in so many is on probation.
constexpr uint64_t kProbationShare = 5;

Item& ItemAt(const Arena& arena, Handle handle) {
  return *reinterpret_cast<Item*>(arena.At(handle));
}

}  // namespace

ChunkList& SegmentedLru::QueueOf(const Arena& arena, Handle handle) {
  return ItemAt(arena, handle).state() == ChunkState::kProtected ? protected_ : probation_;
}

void SegmentedLru::Insert(const Arena& arena, Handle handle, bool returns) {
  ItemAt(arena, handle).set_state(returns ? ChunkState::kProtected : ChunkState::kProbation);
  QueueOf(arena, handle).PushFront(arena, handle);
}

void SegmentedLru::Renew(const Arena& arena, Handle handle) {
  Remove(arena, handle);
  Insert(arena, handle, /*returns=*/false);
}

Handle SegmentedLru::tail(bool flat) const {
  if (protected_.empty()) {
    return probation_.tail();
  }
  const bool probation_is_full = probation_.size() * kProbationShare > size();
  return probation_is_full && !flat ? probation_.tail() : protected_.tail();
}

SegmentedLru::Move SegmentedLru::Pass(const Arena& arena, Handle tail) {
  Item& item = ItemAt(arena, tail);
  const bool was_read = item.access_count > 0;
  if (item.state() == ChunkState::kProbation) {
    if (!was_read) {
      return Move::kNone;
    }
    item.access_count = 0;
    Remove(arena, tail);
    Insert(arena, tail, /*returns=*/true);
    return Move::kToProtected;
  }
  if (!was_read) {
    Remove(arena, tail);
    Insert(arena, tail, /*returns=*/false);
    return Move::kToProbation;
  }
  item.access_count = (item.access_count - 1U) & kMaxAccessCount;
  MoveToFront(arena, tail);
  return Move::kWithinQueue;
}

}  // namespace quarry::core
