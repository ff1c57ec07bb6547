#pragma once

// Engine::GetSmall: one piece of code with what its caller does with the item.

#include <optional>
#include <utility>

#include "core/engine.h"
#include "core/shard_inline.h"

namespace quarry::core {

template <uint32_t kOtherFlags, typename Visitor>
std::optional<GetOutcome> Engine::GetSmall(const Key& key, Instant now, ReadCounters& reads,
                                           Visitor&& visit) {
  Shard& shard = ShardFor(key);
  const MutexLock lock(shard.mutex());
  return shard.GetSmall<kOtherFlags>(key, now, reads, std::forward<Visitor>(visit));
}

}  // namespace quarry::core
