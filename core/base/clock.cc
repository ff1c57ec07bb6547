#include "core/base/clock.h"

#include <ctime>

#include "core/base/check.h"

namespace quarry {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Starts the time line at 2, so that kNever and kAlreadyExpired lie before every Instant.
constexpr int64_t kFirstSecond = 2;

int64_t ReadNanos(clockid_t clock) {
  timespec now{};
  QUARRY_CHECK(clock_gettime(clock, &now) == 0);
  return int64_t{now.tv_sec} * kNanosPerSecond + now.tv_nsec;
}

}  // namespace

Clock::Clock()
    : monotonic_origin_ns_(ReadNanos(CLOCK_MONOTONIC) - kFirstSecond * kNanosPerSecond),
      unix_start_(UnixNow()) {}

Instant Clock::Now() const {
  const int64_t elapsed = ReadNanos(CLOCK_MONOTONIC) - monotonic_origin_ns_;
  const auto floor_sec = static_cast<uint32_t>(elapsed / kNanosPerSecond);
  return {floor_sec, floor_sec + (elapsed % kNanosPerSecond != 0 ? 1U : 0U)};
}

int64_t Clock::UnixNow() const {
  return ReadNanos(CLOCK_REALTIME) / kNanosPerSecond;
}

Expiry Clock::ExpiryAt(int64_t unix_sec) const {
  // Both clocks to the nanosecond: their seconds do not begin at the same moment, and rounding each
  // on its own would be late by up to two.
  const int64_t remaining_ns = unix_sec * kNanosPerSecond - ReadNanos(CLOCK_REALTIME);
  const int64_t end_ns = ReadNanos(CLOCK_MONOTONIC) - monotonic_origin_ns_ + remaining_ns;
  return static_cast<Expiry>((end_ns + kNanosPerSecond - 1) / kNanosPerSecond);
}

}  // namespace quarry
