#include "daemon/log_line.h"

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

std::string Line(std::string_view value) {
  const std::vector<LogField> fields = {{"key", value}};
  return FormatLogLine("message", fields);
}

TEST_CASE("A plain value stands as it is") {
  REQUIRE(Line("127.0.0.1:11211") == "message key=127.0.0.1:11211");
  REQUIRE(Line("[::1]:11211") == "message key=[::1]:11211");
}

TEST_CASE("Numbers and several fields stand one after the other") {
  const std::vector<LogField> fields = {
      {"a", -5}, {"b", uint64_t{18446744073709551615U}}, {"c", "d"}};
  REQUIRE(FormatLogLine("two words", fields) == "two words a=-5 b=18446744073709551615 c=d");
  REQUIRE(FormatLogLine("alone", {}) == "alone");
}

TEST_CASE("Any byte of a value comes out printable, on one line") {
  REQUIRE(Line("a b") == "message key=\"a b\"");
  REQUIRE(Line("") == "message key=\"\"");
  REQUIRE(Line("a=b") == "message key=\"a=b\"");
  REQUIRE(Line("say \"x\\y\"") == R"(message key="say \x22x\x5cy\x22")");
  REQUIRE(Line("a\r\nb") == R"(message key="a\x0d\x0ab")");
  REQUIRE(Line({"a\0b\xff", 4}) == R"(message key="a\x00b\xff")");
}

TEST_CASE("Any byte of a message comes out printable, on one line") {
  const std::vector<LogField> fields = {{"key", "value"}};
  REQUIRE(FormatLogLine("client=/a b\n2026 error\r", fields) ==
          R"(client=/a b\x0a2026 error\x0d key=value)");
  REQUIRE(FormatLogLine({"a\0b\x1b\x7f\xff", 6}, {}) == R"(a\x00b\x1b\x7f\xff)");
  REQUIRE(FormatLogLine(R"(say "x\y" a=b)", {}) == R"(say "x\y" a=b)");
}

TEST_CASE("A long value is cut") {
  const std::string longest(kMaxLoggedValueBytes, 'x');
  REQUIRE(Line(longest) == "message key=" + longest);
  REQUIRE(Line(longest + "y") == "message key=\"" + longest + "...\"");
}

}  // namespace
}  // namespace quarry::daemon
