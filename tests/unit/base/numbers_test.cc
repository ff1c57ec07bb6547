#include "core/base/numbers.h"

#include <string>
#include <string_view>

#include "tests/support/catch.h"

namespace quarry {
namespace {

TEST_CASE("Numbers are digits only, in range") {
  REQUIRE(ParseU64("18446744073709551615") == UINT64_MAX);
  REQUIRE(ParseU32("0042") == 42U);
  REQUIRE(ParseI32("-2147483648") == INT32_MIN);
  for (const std::string_view bad : {"", "-1", "+1", " 1", "1 ", "1x", "0x10", "4294967296"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(ParseU32(bad).has_value());
  }
  REQUIRE_FALSE(ParseU64("18446744073709551616").has_value());
  REQUIRE_FALSE(ParseI32("2147483648").has_value());
  REQUIRE_FALSE(ParseI64("-").has_value());
}

TEST_CASE("Formatting writes the shortest decimal text") {
  char text[kMaxU64Digits];
  const auto format = [&text](uint64_t value) {
    return std::string_view(text, static_cast<size_t>(FormatU64(text, value) - text));
  };
  for (uint64_t value = 0; value < 2000; ++value) {
    REQUIRE(format(value) == std::to_string(value));
  }
  REQUIRE(format(UINT64_MAX) == "18446744073709551615");
}

TEST_CASE("A decimal fraction is digits with at most one point") {
  REQUIRE(ParseDecimal("0.25") == 0.25);
  REQUIRE(ParseDecimal("12") == 12.0);
  REQUIRE(ParseDecimal(".5") == 0.5);
  REQUIRE(ParseDecimal("1.") == 1.0);
  for (const char* text : {"", ".", "-1", "+1", "1e3", "0x1", "nan", "inf", "1.2.3", " 1", "1 "}) {
    CAPTURE(text);
    REQUIRE_FALSE(ParseDecimal(text));
  }
}

}  // namespace
}  // namespace quarry
