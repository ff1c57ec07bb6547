#pragma once

#include <cstdint>
#include <vector>

#include "core/arena.h"
#include "core/base/clock.h"

namespace quarry::core {

/// The pages of a shard on which items end, and when each is to be looked through for them: at the
/// moment by which so many of its items will have ended that the look is worth its while. Costs
/// nothing per item: what is known of a page stands in its PageInfo::expiry.
///
/// A page is due at most once in kBeatSec seconds, each on a beat of its own, so that they do not
/// come all at once. Guarded by the shard's lock.
class ExpiryPages {
 public:
  static constexpr uint32_t kBeatSec = 10;

  explicit ExpiryPages(Arena& arena) : arena_(arena) {}

  /// An item on `page` ends at `expiry`, which is not kNever. Once `quorum` items have been noted
  /// that end before the page is due, it is due when they have ended.
  void Note(uint32_t page, Expiry expiry, uint32_t quorum);

  /// Forgets a page, for whatever it is used next.
  void Remove(uint32_t page);

  /// False if no page is due. True may turn out wrong, but not twice.
  bool AnyDue(Instant now) const { return earliest_ <= now.floor_sec; }

  /// A page that is due, or 0; after a bounded number of steps, so that 0 does not mean that none
  /// is. Until its Reschedule the page is not found again.
  uint32_t TakeDue(Instant now);

  /// Tells when a page that was taken is due again: at `expiry`, or kNever if no item on it ends.
  void Reschedule(uint32_t page, Expiry expiry);

  uint64_t page_count() const { return pages_.size(); }

 private:
  static constexpr uint32_t kMaxSteps = 256;
  static constexpr Expiry kNotDue = UINT32_MAX;

  static Expiry BeatFrom(uint32_t page, Expiry expiry);
  void SetDue(PageExpiry& page, Expiry due);

  Arena& arena_;
  std::vector<uint32_t> pages_;  // those whose `due` is not kNever
  // The search goes round. No page is due before `earliest_`, none that this round has passed
  // before `round_earliest_`.
  Expiry earliest_ = kNotDue;
  Expiry round_earliest_ = kNotDue;
  uint32_t next_ = 0;
};

}  // namespace quarry::core
