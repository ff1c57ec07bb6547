#include "daemon/net/pace.h"

#include <utility>

namespace quarry::net {
namespace {

/// Who has not been asked about for longer was not waited for.
constexpr uint32_t kMaxGapSec = 2;

}  // namespace

bool Pace::IsTooSlow(const PaceLimits& limits, uint64_t claim, uint64_t moved_bytes,
                     uint32_t now_sec) {
  const bool goes_on =
      watched_ && claim == claim_ && now_sec - std::exchange(asked_sec_, now_sec) <= kMaxGapSec;
  const uint32_t watched_sec = goes_on ? now_sec - since_sec_ : 0;
  if (goes_on && watched_sec < limits.patience_sec) {
    return false;
  }
  if (goes_on && moved_bytes - moved_before_ < watched_sec * limits.min_bytes_per_sec) {
    return true;
  }
  watched_ = true;
  since_sec_ = now_sec;
  asked_sec_ = now_sec;
  claim_ = claim;
  moved_before_ = moved_bytes;
  return false;
}

}  // namespace quarry::net
