#include "core/segmented_lru.h"

namespace quarry::core {
namespace {

// One in so many of the items that are not temporary is on probation.
constexpr uint64_t kProbationShare = 5;
// One item in so many may be temporary before these have to make room for each other.
constexpr uint64_t kTemporaryShare = 5;

Item& ItemAt(const Arena& arena, Handle handle) {
  return *reinterpret_cast<Item*>(arena.At(handle));
}

ChunkState StateIn(SegmentedLru::Queue queue) {
  switch (queue) {
    case SegmentedLru::Queue::kProtected:
      return ChunkState::kProtected;
    case SegmentedLru::Queue::kTemporary:
      return ChunkState::kTemporary;
    case SegmentedLru::Queue::kProbation:
      break;
  }
  return ChunkState::kProbation;
}

}  // namespace

ChunkList& SegmentedLru::QueueOf(const Arena& arena, Handle handle) {
  switch (ItemAt(arena, handle).state()) {
    case ChunkState::kProtected:
      return protected_;
    case ChunkState::kTemporary:
      return temporary_;
    default:
      return probation_;
  }
}

void SegmentedLru::Insert(const Arena& arena, Handle handle, Queue queue) {
  ItemAt(arena, handle).set_state(StateIn(queue));
  QueueOf(arena, handle).PushFront(arena, handle);
}

void SegmentedLru::MoveTo(const Arena& arena, Handle handle, Queue queue) {
  Remove(arena, handle);
  Insert(arena, handle, queue);
}

void SegmentedLru::Postpone(const Arena& arena, Handle handle) {
  const bool is_on_probation = ItemAt(arena, handle).state() == ChunkState::kProbation;
  MoveTo(arena, handle, is_on_probation ? Queue::kProtected : Queue::kProbation);
}

void SegmentedLru::Renew(const Arena& arena, Handle handle) {
  MoveTo(arena, handle, Queue::kProbation);
}

bool SegmentedLru::temporary_is_full() const {
  return temporary_.size() * kTemporaryShare > size();
}

Handle SegmentedLru::tail(bool flat) const {
  if (temporary_is_full()) {
    return temporary_.tail();
  }
  if (protected_.empty()) {
    return probation_.tail();
  }
  const bool probation_is_full =
      probation_.size() * kProbationShare > probation_.size() + protected_.size();
  return probation_is_full && !flat ? probation_.tail() : protected_.tail();
}

SegmentedLru::Move SegmentedLru::Pass(const Arena& arena, Handle tail, bool temporary) {
  Item& item = ItemAt(arena, tail);
  const ChunkState state = item.state();
  const bool was_used = item.access_count > 0;
  const bool is_in_temporary = state == ChunkState::kTemporary;
  const bool is_in_protected = state == ChunkState::kProtected;
  if (is_in_temporary ? temporary : !is_in_protected && !was_used) {
    return Move::kNone;
  }
  if (!was_used) {
    MoveTo(arena, tail, Queue::kProbation);
    return Move::kToProbation;
  }
  if (temporary) {
    MoveTo(arena, tail, Queue::kTemporary);
    return Move::kToTemporary;
  }
  if (is_in_protected) {
    item.access_count = (item.access_count - 1U) & kMaxAccessCount;
    MoveToFront(arena, tail);
    return Move::kWithinQueue;
  }
  item.access_count = 0;
  MoveTo(arena, tail, Queue::kProtected);
  return Move::kToProtected;
}

}  // namespace quarry::core
