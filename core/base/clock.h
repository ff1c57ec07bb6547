#pragma once

#include <cstdint>

namespace quarry {

/// A moment on the process's own time line: seconds since shortly before the start of the process,
/// on the monotonic clock, so that a step of the wall clock moves nothing.
struct Instant {
  uint32_t floor_sec = 0;  ///< whole seconds that have passed
  uint32_t ceil_sec = 0;   ///< the same rounded up; a TTL of n ends at ceil_sec + n, never early
};

/// An Instant in seconds at which something ends; kNever means that it does not.
using Expiry = uint32_t;
inline constexpr Expiry kNever = 0;

/// A moment that has passed at every Instant a Clock can give.
inline constexpr Expiry kAlreadyExpired = 1;

/// True when `expiry` has come at `now`.
inline bool HasExpired(Expiry expiry, Instant now) {
  return expiry != kNever && expiry <= now.floor_sec;
}

/// Reads the system's clocks. Safe on any thread.
class Clock {
 public:
  Clock();

  /// The present moment; floor_sec is at least 2.
  Instant Now() const;

  /// The wall clock in seconds since 1970. May step in either direction.
  int64_t UnixNow() const;

  /// The first whole second of this time line at which the wall clock, if it does not step, has
  /// reached `unix_sec`, which lies ahead: never early, and less than a second late.
  Expiry ExpiryAt(int64_t unix_sec) const;

  /// Wall-clock second of the process's start, as read at construction.
  int64_t unix_start() const { return unix_start_; }

 private:
  int64_t monotonic_origin_sec_;  // whole seconds, so that those of both lines begin together
  int64_t unix_start_;
};

}  // namespace quarry
