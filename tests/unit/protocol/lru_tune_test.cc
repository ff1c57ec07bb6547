#include "protocol/lru_tune.h"

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

TEST_CASE("lru tune takes two percentages and two factors") {
  LruTuning tuning;
  REQUIRE(ParseLruTune("20 60 0.2 3", tuning) == Error::kNone);
  REQUIRE(tuning.hot_percent == 20);
  REQUIRE(tuning.warm_percent == 60);
  REQUIRE(tuning.hot_factor == 0.2);
  REQUIRE(tuning.warm_factor == 3);
}

TEST_CASE("What lru tune does not take leaves everything as it was") {
  LruTuning tuning;
  REQUIRE(ParseLruTune("4294967295 1 1 1", tuning) == Error::kLruPercentages);
  REQUIRE(ParseLruTune("80 1 1 1", tuning) == Error::kLruPercentages);
  REQUIRE(ParseLruTune("1 1 0 1", tuning) == Error::kLruFactors);
  REQUIRE(ParseLruTune("1 1 1", tuning) == Error::kUnknownCommand);
  REQUIRE(ParseLruTune("1 1 -1 1", tuning) == Error::kUnknownCommand);
  REQUIRE(tuning.hot_percent == 0);
}

}  // namespace
}  // namespace quarry::protocol
