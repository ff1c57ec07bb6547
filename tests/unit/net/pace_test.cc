#include "daemon/net/pace.h"

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

constexpr PaceLimits kLimits{.patience_sec = 5, .min_bytes_per_sec = 1000};

/// Asks once a second, from `begin_sec` on; returns the second of the verdict, or 0 where
/// `count` answers were favourable.
uint32_t Verdict(Pace& pace, uint64_t bytes_per_sec, uint32_t begin_sec, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (pace.IsTooSlow(kLimits, 1, i * bytes_per_sec, begin_sec + i)) {
      return begin_sec + i;
    }
  }
  return 0;
}

TEST_CASE("A client that moves nothing is too slow after the time of patience") {
  Pace pace;
  REQUIRE(Verdict(pace, 0, 100, 60) == 105);
}

TEST_CASE("The least rate decides, from the moment that others wait") {
  Pace just_below;
  REQUIRE(Verdict(just_below, 999, 100, 60) == 105);
  Pace just_enough;
  REQUIRE(Verdict(just_enough, 1000, 100, 60) == 0);
}

TEST_CASE("A client that was fast and stalls is too slow within twice the time of patience") {
  Pace pace;
  REQUIRE(Verdict(pace, 1000, 100, 8) == 0);
  uint32_t now_sec = 108;
  while (!pace.IsTooSlow(kLimits, 1, 7000, now_sec)) {
    ++now_sec;
  }
  REQUIRE(now_sec <= 115);
}

TEST_CASE("Each claim has the time of patience of its own") {
  Pace pace;
  for (uint32_t second = 0; second < 60; ++second) {
    REQUIRE_FALSE(pace.IsTooSlow(kLimits, second / 4, 0, 100 + second));
  }
}

TEST_CASE("Time in which nobody waits does not count") {
  Pace pace;
  REQUIRE(Verdict(pace, 0, 100, 5) == 0);
  REQUIRE(Verdict(pace, 0, 200, 5) == 0);  // not asked in between
}

}  // namespace
}  // namespace quarry::net
