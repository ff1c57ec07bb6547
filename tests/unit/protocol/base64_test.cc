#include "protocol/base64.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

std::string Encode(std::string_view bytes) {
  std::string text(Base64Chars(bytes.size()), '?');
  REQUIRE(EncodeBase64(text.data(), bytes) == text.data() + text.size());
  return text;
}

/// "<refused>" where `text` is not base64.
std::string Decode(std::string_view text) {
  std::string bytes(Base64Bytes(text.size()), '?');
  const char* end = DecodeBase64(bytes.data(), text);
  return end == nullptr ? "<refused>" : bytes.substr(0, static_cast<size_t>(end - bytes.data()));
}

TEST_CASE("Base64 encodes and decodes the vectors of RFC 4648") {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    REQUIRE(Encode(bytes) == text);
    REQUIRE(Decode(text) == bytes);
  }
  REQUIRE(Encode("").empty());
}

TEST_CASE("Base64 brings back any bytes") {
  std::string bytes;
  for (int value = 0; value < 256; ++value) {
    bytes += static_cast<char>(value);
    REQUIRE(Decode(Encode(bytes)) == bytes);
  }
}

TEST_CASE("Base64 refuses nothing at all, lost padding and foreign characters") {
  for (const std::string text :
       {"", "Z", "Zg", "Zg=", "Zm9", "Zm9v=", "====", "=m9v", "Z=9v", "Zg=v", "Z===", "Zm9!",
        "Zm 9", "Zm9-", "Zm9_", "Zm9vZg", "Zg==Zg=="}) {
    CAPTURE(text);
    REQUIRE(Decode(text) == "<refused>");
  }
  REQUIRE(Decode("Zm9\x80") == "<refused>");
  REQUIRE(Decode(std::string("Zm9\0", 4)) == "<refused>");
}

TEST_CASE("Base64 ignores the bits that the last character has too many") {
  REQUIRE(Decode("Zh==") == "f");
  REQUIRE(Decode("Zm9=") == "fo");
}

}  // namespace
}  // namespace quarry::protocol
