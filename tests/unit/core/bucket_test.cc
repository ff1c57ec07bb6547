// How a bucket of the index finds tags.

#include <array>
#include <bit>
#include <cstdint>
#include <random>

#include "core/index.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

// Tags of which some differ by one or in one bit: where a subtraction of words borrows.
constexpr std::array<uint16_t, 12> kTags = {0x0000, 0x0001, 0x0002, 0x7fff, 0x8000, 0x8001,
                                            0x00ff, 0x0100, 0xff00, 0xfffe, 0xffff, 0xabcd};

void FillAtRandom(Bucket& bucket, std::mt19937& random) {
  bucket.Clear();
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    bucket.Set(slot, kTags[random() % kTags.size()], slot + 1);
  }
}

/// The slots with `tag`, compared one by one.
uint32_t SlotsWith(const Bucket& bucket, uint16_t tag) {
  uint32_t slots = 0;
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    slots |= bucket.tag(slot) == tag ? 1U << slot : 0U;
  }
  return slots;
}

TEST_CASE("A tag matches its own slot among any neighbours") {
  Bucket bucket;
  bucket.Clear();
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    bucket.Set(slot, static_cast<uint16_t>(slot * 0x1111), slot + 1);
  }
  for (uint32_t slot = 0; slot < Bucket::kSlots; ++slot) {
    REQUIRE(bucket.tag(slot) == slot * 0x1111);
    REQUIRE((bucket.Match(static_cast<uint16_t>(slot * 0x1111)) >> slot & 1) == 1);
  }
  REQUIRE(bucket.Match(0xabcd) == 0);
}

TEST_CASE("Words and vectors match each slot with a tag, and none before the first of them") {
  std::mt19937 random(1);
  Bucket bucket;
  for (int round = 0; round < 2'000; ++round) {
    FillAtRandom(bucket, random);
    for (const uint16_t tag : kTags) {
      const uint32_t slots = SlotsWith(bucket, tag);
      const uint32_t low_slots = slots & 0xffU;
      const uint32_t by_words = MatchWords(bucket.tags_low[0], bucket.tags_low[1], tag);
      REQUIRE((by_words & low_slots) == low_slots);
      REQUIRE(std::countr_zero(by_words) == std::countr_zero(low_slots));
#ifdef __SSE2__
      REQUIRE(MatchVector(bucket.tags_low[0], bucket.tags_low[1], tag) == low_slots);
#endif
      REQUIRE((bucket.Match(tag) & slots) == slots);
      REQUIRE(std::countr_zero(bucket.Match(tag)) == std::countr_zero(slots));
    }
  }
}

}  // namespace
}  // namespace quarry::core
