#include "daemon/size.h"

#include <string_view>

#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

TEST_CASE("A size is a decimal number with at most one suffix") {
  REQUIRE(ParseSize("64", kMebibyte) == 64 * kMebibyte);
  REQUIRE(ParseSize("64", 1) == 64U);
  REQUIRE(ParseSize("010", 1) == 10U);
  REQUIRE(ParseSize("8k", kMebibyte) == 8 * kKibibyte);
  REQUIRE(ParseSize("8K", 1) == 8 * kKibibyte);
  REQUIRE(ParseSize("2M", 1) == 2 * kMebibyte);
  REQUIRE(ParseSize("1g", 1) == kGibibyte);
  for (const std::string_view bad :
       {"", "m", "0x10", "-1", "+1", " 1", "1 ", "1mm", "1mb", "1.5g", "1t", "75%"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(ParseSize(bad, kMebibyte).has_value());
  }
}

TEST_CASE("A size beyond 64 bits is none") {
  REQUIRE(ParseSize("17179869183g", 1).has_value());
  REQUIRE_FALSE(ParseSize("17179869184g", 1).has_value());
  REQUIRE_FALSE(ParseSize("18446744073709551616", 1).has_value());
  REQUIRE_FALSE(ParseSize("18446744073709551615", kMebibyte).has_value());
}

TEST_CASE("A share is 1% to 100%") {
  REQUIRE(ParsePercent("1%") == 1U);
  REQUIRE(ParsePercent("075%") == 75U);
  REQUIRE(ParsePercent("100%") == 100U);
  for (const std::string_view bad : {"", "%", "0%", "101%", "75", "75%%", "7.5%", "-5%"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(ParsePercent(bad).has_value());
  }
}

TEST_CASE("A size is formatted with the largest unit that loses nothing") {
  REQUIRE(FormatSize(0) == "0");
  REQUIRE(FormatSize(1000) == "1000");
  REQUIRE(FormatSize(1536 * kKibibyte) == "1536k");
  REQUIRE(FormatSize(64 * kMebibyte) == "64m");
  REQUIRE(FormatSize(128 * kGibibyte) == "128g");
}

}  // namespace
}  // namespace quarry::daemon
