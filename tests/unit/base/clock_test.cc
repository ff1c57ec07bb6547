#include "core/base/clock.h"

#include "tests/support/catch.h"

namespace quarry {
namespace {

TEST_CASE("The clock's first moment lies after kNever and kAlreadyExpired") {
  const Clock clock;
  const Instant now = clock.Now();
  REQUIRE(now.floor_sec >= 2);
  REQUIRE(HasExpired(kAlreadyExpired, now));
  REQUIRE_FALSE(HasExpired(kNever, now));
}

TEST_CASE("A TTL counted from the rounded-up second never ends early") {
  const Instant stored{10, 11};
  const Expiry expiry = stored.ceil_sec + 5;
  REQUIRE_FALSE(HasExpired(expiry, Instant{15, 16}));
  REQUIRE(HasExpired(expiry, Instant{16, 17}));
}

}  // namespace
}  // namespace quarry
