#pragma once

#include <cstdint>

namespace quarry::net {

/// How fast a client has to move its bytes while others wait for the memory that they take.
struct PaceLimits {
  uint32_t patience_sec = 5;  ///< for so long it may be slower
  uint64_t min_bytes_per_sec = 256 << 10;
};

/// Judges whether one client keeps others waiting: it holds memory that they wait for, and within
/// the time of patience has moved fewer bytes than the least rate asks for. Its claims are judged
/// one by one, and time in which nobody waits does not count.
class Pace {
 public:
  /// To be asked about once a second while others wait. `claim` tells one claim of the client from
  /// the next, `moved_bytes` counts all that it has sent and taken so far.
  bool IsTooSlow(const PaceLimits& limits, uint64_t claim, uint64_t moved_bytes, uint32_t now_sec);

 private:
  bool watched_ = false;
  uint32_t since_sec_ = 0;
  uint32_t asked_sec_ = 0;
  uint64_t claim_ = 0;
  uint64_t moved_before_ = 0;  // at since_sec_
};

}  // namespace quarry::net
