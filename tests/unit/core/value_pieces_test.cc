#include "core/value_pieces.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

/// Pages alone, the last of them full or not; what lies with the head; blocks and a chunk; and all.
constexpr size_t kSizes[] = {
    kPageBytes, 3 * kPageBytes, 3 * kPageBytes - 100, 3 * kPageBytes + 1, 4'100, 17'000, 300'000};

TEST_CASE("A value is its pieces one after the other, none of them empty") {
  EngineFixture e(EngineFixture::Memory(16, 1));
  for (const size_t bytes : kSizes) {
    const std::string value = Pattern("k", bytes);
    e.Set("k", value);
    const Pin pin = e.PinOf("k");
    std::string joined;
    for (ValuePieces rest = pin.pieces(); !rest.empty();) {
      const std::string_view piece = rest.TakeFront();
      REQUIRE(!piece.empty());
      joined += piece;
    }
    REQUIRE((joined == value));
  }
}

TEST_CASE("What is left of a value begins where the steps so far have ended") {
  EngineFixture e(EngineFixture::Memory(16, 1));
  for (const size_t bytes : kSizes) {
    const std::string value = Pattern("k", bytes);
    e.Set("k", value);
    const Pin pin = e.PinOf("k");
    for (const size_t step : {size_t{1'021}, size_t{4'076}, kPageBytes, size_t{70'001}}) {
      ValuePieces rest = pin.pieces();
      for (size_t at = 0; at < bytes; at += std::min(step, bytes - at)) {
        REQUIRE(rest.rest_bytes() == bytes - at);
        ValuePieces ahead = rest;
        const std::string_view next = ahead.TakeFront();
        REQUIRE((next == std::string_view(value).substr(at, next.size())));
        rest.RemovePrefix(std::min(step, bytes - at));
      }
      REQUIRE(rest.empty());
    }
  }
}

TEST_CASE("Blocks that lie side by side are one piece") {
  EngineFixture e(EngineFixture::Memory(16, 1));
  // A head's block, those behind it, which may go on in the next page, and a chunk for the rest.
  for (const auto& [bytes, most_pieces] : {std::pair<size_t, int>{30'000, 3}, {60'000, 4}}) {
    const std::string key = std::to_string(bytes);
    e.Set(key, Pattern(key, bytes));
    const Pin pin = e.PinOf(key);
    int count = 0;
    for (ValuePieces rest = pin.pieces(); !rest.empty(); ++count) {
      rest.TakeFront();
    }
    CAPTURE(bytes, count);
    REQUIRE(count <= most_pieces);
  }
}

}  // namespace
}  // namespace quarry::core
