#pragma once

#include <cstdint>
#include <optional>

namespace quarry::core {

/// Where a shard could give up a page: a slab class with a page that holds nothing, or the LRU list
/// of which this is the last item. One that was flushed counts as none.
struct Donor {
  static constexpr uint32_t kUnused = UINT32_MAX;
  bool found = false;
  bool was_used = false;  ///< since it last came to the head of its list
  uint32_t list_index = 0;
  uint32_t idle_sec = 0;  ///< since the last access; kUnused: costs no item
  /// Updates of its shard since it was stored, which decides within the same second.
  uint64_t age_updates = 0;
  std::optional<uint32_t> large_turns{};  ///< of a large item, since its last use

  bool BetterThan(const Donor& other) const {
    if (large_turns && other.large_turns) {
      return *large_turns > *other.large_turns;
    }
    if (!found || !other.found || idle_sec != other.idle_sec) {
      return found && (!other.found || idle_sec > other.idle_sec);
    }
    return was_used == other.was_used ? age_updates > other.age_updates : other.was_used;
  }
  /// Old enough to give up a page to a list that would otherwise evict `other`. The updates tell
  /// it finely, the seconds, of which each may be one too many or too few, whether it can be.
  bool TwiceAsOldAs(const Donor& other) const {
    return idle_sec == kUnused || (uint64_t{idle_sec} + 3 >= uint64_t{other.idle_sec} * 2 &&
                                   age_updates / 2 >= other.age_updates);
  }
};

}  // namespace quarry::core
