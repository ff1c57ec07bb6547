#include "protocol/sasl_plain.h"

#include <string>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

using namespace std::string_literals;

void Parsed(const std::string& token, const std::string& user, const std::string& password) {
  CAPTURE(token);
  const auto parsed = ParsePlainToken(token);
  REQUIRE(parsed.has_value());
  CHECK(parsed->user == user);
  CHECK(parsed->password == password);
}

TEST_CASE("A token holds a user and a password") {
  Parsed("\0ann\0secret"s, "ann", "secret");
  Parsed("\0ann smith\0two words: \xff"s, "ann smith", "two words: \xff");
}

TEST_CASE("A user may act as the same user, and as no other") {
  Parsed("ann\0ann\0secret"s, "ann", "secret");
  REQUIRE(!ParsePlainToken("bob\0ann\0secret"s));
}

TEST_CASE("A token of another form is none") {
  for (const std::string& token : {""s, "ann"s, "ann\0secret"s, "\0ann"s, "\0\0"s, "\0\0secret"s,
                                   "\0ann\0"s, "\0ann\0sec\0ret"s, "\0ann\0secret\0"s, "\0\0\0"s}) {
    CAPTURE(token);
    REQUIRE(!ParsePlainToken(token));
  }
}

}  // namespace
}  // namespace quarry::protocol
