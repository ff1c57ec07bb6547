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

TEST_CASE("A read is marked once it is counted to the full, fetched, and of this second") {
  const Instant now{.floor_sec = kAccessTimeMask + 6U, .ceil_sec = kAccessTimeMask + 7U};
  Item item{};
  item.access_count = kMaxAccessCount;
  item.last_access = 5;
  item.Set(kFetchedFlag);
  REQUIRE(item.IsMarkedRead(now));
  REQUIRE_FALSE(item.IsMarkedRead({.floor_sec = now.floor_sec + 1, .ceil_sec = now.ceil_sec}));
  item.access_count = kMaxAccessCount - 1;
  REQUIRE_FALSE(item.IsMarkedRead(now));
  item.access_count = kMaxAccessCount;
  item.Clear(kFetchedFlag);
  REQUIRE_FALSE(item.IsMarkedRead(now));
}

TEST_CASE("A key is that of an item if all of its bytes are") {
  alignas(4) std::array<char, 64> chunk{};
  Item& item = *reinterpret_cast<Item*>(chunk.data());
  item.flags = kExpiryWordFlag;
  item.key_bytes = 3;
  std::memcpy(item.key_data(), "abc", 3);
  REQUIRE(item.HasKey("abc"));
  REQUIRE_FALSE(item.HasKey("abd"));
  REQUIRE_FALSE(item.HasKey("ab"));
  REQUIRE_FALSE(item.HasKey("abcd"));
}

TEST_CASE("A chunk's state can become any other, and keeps a linked item's value length") {
  Item item{};
  for (const ChunkState from : {ChunkState::kFree, ChunkState::kDetached, ChunkState::kProbation}) {
    for (const ChunkState to : {ChunkState::kFree, ChunkState::kProbation, ChunkState::kProtected,
                                ChunkState::kTemporary, ChunkState::kDetached}) {
      item.set_state(from);
      item.set_state(to);
      REQUIRE(item.state() == to);
      REQUIRE(item.is_linked() == (to != ChunkState::kFree && to != ChunkState::kDetached));
    }
  }
  item.set_state(ChunkState::kDetached);
  item.small_value_bytes = 6144;
  for (const ChunkState to :
       {ChunkState::kProbation, ChunkState::kTemporary, ChunkState::kProtected}) {
    item.set_state(to);
    REQUIRE(item.small_value_bytes == 6144);
  }
}

}  // namespace
}  // namespace quarry::core
