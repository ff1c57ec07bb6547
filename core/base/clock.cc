#include "core/base/clock.h"

#include <ctime>

#include "core/base/check.h"

namespace quarry {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Starts the time line at 2, so that kNever and kAlreadyExpired lie before every Instant.
constexpr int64_t kFirstSecond = 2;

timespec Read(clockid_t clock) {
  timespec now{};
  QUARRY_CHECK(clock_gettime(clock, &now) == 0);
  return now;
}

int64_t ReadNanos(clockid_t clock) {
  const timespec now = Read(clock);
  return int64_t{now.tv_sec} * kNanosPerSecond + now.tv_nsec;
}

}  // namespace

Clock::Clock()
    : monotonic_origin_sec_(Read(CLOCK_MONOTONIC).tv_sec - kFirstSecond), unix_start_(UnixNow()) {}

Instant Clock::Now() const {
  const timespec now = Read(CLOCK_MONOTONIC);
  const auto floor_sec = static_cast<uint32_t>(now.tv_sec - monotonic_origin_sec_);
  return {floor_sec, floor_sec + (now.tv_nsec != 0 ? 1U : 0U)};
}

int64_t Clock::UnixNow() const {
  return Read(CLOCK_REALTIME).tv_sec;
}

Expiry Clock::ExpiryAt(int64_t unix_sec) const {
  // Both clocks to the nanosecond: their seconds do not begin at the same moment, and rounding each
  // on its own would be late by up to two.
  const int64_t remaining_ns = unix_sec * kNanosPerSecond - ReadNanos(CLOCK_REALTIME);
  const int64_t end_ns =
      ReadNanos(CLOCK_MONOTONIC) - monotonic_origin_sec_ * kNanosPerSecond + remaining_ns;
  return static_cast<Expiry>((end_ns + kNanosPerSecond - 1) / kNanosPerSecond);
}

}  // namespace quarry
