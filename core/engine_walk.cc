// The engine's part for those who list items.

#include "core/engine.h"

namespace quarry::core {

Presence Engine::Peek(const Key& key, Instant now, absl::FunctionRef<void(const Listing&)> visit) {
  Shard& shard = ShardFor(key);
  const MutexLock lock(shard.mutex());
  return shard.Peek(key, now, visit);
}

bool Engine::Walk(WalkPosition& position, uint32_t bucket_count, Instant now,
                  ListingVisitor visit) {
  if (position.shard_index > shard_mask_) {
    return false;
  }
  Shard& shard = *shards_[position.shard_index];
  const MutexLock lock(shard.mutex());
  if (!shard.Walk(position.place, bucket_count, now, visit)) {
    position = {.shard_index = position.shard_index + 1};
  }
  return position.shard_index <= shard_mask_;
}

}  // namespace quarry::core
