#include "core/item.h"

#include <array>

#include "tests/support/catch.h"

namespace quarry::core {
namespace {

TEST_CASE("The optional words of an item do not overlap, whichever are there") {
  for (uint32_t words = 0; words < 8; ++words) {
    alignas(4) std::array<char, 128> chunk{};
    Item& item = *reinterpret_cast<Item*>(chunk.data());
    item.flags = (words << 4) & 0xffU;
    item.key_bytes = 3;
    item.small_value_bytes = 2;
    item.set_sequence(kSequenceMask - 1);
    if (item.Has(kExpiryWordFlag)) {
      item.set_expiry(7);
    }
    if (item.Has(kClientFlagsWordFlag)) {
      item.set_client_flags(8);
    }
    if (item.Has(kCasWordFlag)) {
      item.set_client_cas(9);
    }
    std::memcpy(item.key_data(), "abc", 3);
    std::memcpy(item.small_value_data(), "xy", 2);
    CAPTURE(words);
    REQUIRE(item.expiry() == (item.Has(kExpiryWordFlag) ? 7U : kNever));
    REQUIRE(item.client_flags() == (item.Has(kClientFlagsWordFlag) ? 8U : 0U));
    REQUIRE(item.cas() == (item.Has(kCasWordFlag) ? 9U : kSequenceMask - 1));
    REQUIRE(item.key() == "abc");
    REQUIRE(item.small_value() == "xy");
  }
}

}  // namespace
}  // namespace quarry::core
