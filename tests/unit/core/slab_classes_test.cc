#include "core/slab_classes.h"

#include "core/engine.h"
#include "core/item.h"
#include "core/large_value.h"
#include "core/operations.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

TEST_CASE("Every size of a small chunk has the smallest class that holds it") {
  for (const uint32_t min_chunk_bytes : {32U, 1024U, EngineOptions::kMostMinChunkBytes}) {
    const SlabClasses classes(min_chunk_bytes, 1.06);
    REQUIRE(classes.chunk_bytes(0) >= min_chunk_bytes);
    for (uint32_t bytes = 1; bytes <= classes.largest_small_chunk_bytes(); ++bytes) {
      const uint32_t index = classes.ClassFor(bytes);
      REQUIRE(classes.chunk_bytes(index) >= bytes);
      REQUIRE((index == 0 || classes.chunk_bytes(index - 1) < bytes));
    }
  }
}

TEST_CASE("Chunks leave less than a chunk of their page unused, in aligned, ascending sizes") {
  for (const double factor : {1.01, 1.06, 1.25, 2.0}) {
    const SlabClasses classes(32, factor);
    for (uint32_t i = 0; i < classes.slab_class_count(); ++i) {
      const uint32_t chunk = classes.chunk_bytes(i);
      REQUIRE(chunk % 4 == 0);
      REQUIRE(kPageBytes - uint64_t{chunk} * classes.chunks_per_page(i) < chunk);
      REQUIRE(classes.chunks_per_page(i) <= kMaxChunksPerPage);
      REQUIRE((i == 0 || i == classes.block_class() || chunk > classes.chunk_bytes(i - 1)));
    }
  }
}

TEST_CASE("No step between classes is half as large again as the factor asks for") {
  for (const double factor : {1.04, 1.06, 1.25, 2.0}) {
    const SlabClasses classes(32, factor);
    for (uint32_t i = 1; i < classes.block_class(); ++i) {
      const uint32_t before = classes.chunk_bytes(i - 1);
      const bool is_next_number = classes.chunks_per_page(i) == classes.chunks_per_page(i - 1) - 1;
      CAPTURE(factor, before);
      REQUIRE((is_next_number || classes.chunk_bytes(i) <= before * (1.5 * factor - 0.5) + 4));
    }
  }
}

TEST_CASE("Small chunks hold the largest small item") {
  const SlabClasses classes(32, 1.04);
  REQUIRE(classes.largest_small_chunk_bytes() >=
          SmallItemBytes(kAllWordFlags, kMaxKeyBytes, kMaxSmallValueBytes));
}

/// The bytes of memory that a plan takes, once it is shown to hold the head and the value.
uint64_t MemoryOf(const SlabClasses& classes, const LargePlan& plan, size_t key_bytes,
                  uint64_t bytes) {
  uint64_t memory = uint64_t{plan.page_count} * kPageBytes;
  uint64_t capacity = memory + plan.inline_bytes;
  if (plan.head_class != LargePlan::kNone) {
    memory += classes.chunk_bytes(plan.head_class);
    REQUIRE(LargeHeadBytes(key_bytes, plan.page_count, plan.part_count()) + plan.inline_bytes <=
            classes.chunk_bytes(plan.head_class));
  } else {
    REQUIRE(bytes + LargeHeadBytes(key_bytes, plan.page_count, 0) <= memory);
  }
  REQUIRE(plan.part_count() <= LargePlan::kMaxParts);
  uint64_t last_part_bytes = 0;
  for (uint32_t i = 0; i < plan.part_count(); ++i) {
    const uint32_t class_index = classes.ClassOfPart(plan, i);
    REQUIRE((class_index == classes.block_class()) ==
            (classes.chunk_bytes(class_index) == kBlockBytes));
    const size_t header_bytes = class_index == classes.block_class() ? 0 : sizeof(Item);
    last_part_bytes = classes.chunk_bytes(class_index) - header_bytes;
    memory += last_part_bytes + header_bytes;
    capacity += last_part_bytes;
  }
  REQUIRE(capacity >= bytes);
  REQUIRE((plan.part_count() == 0 || capacity - last_part_bytes < bytes));  // none is empty
  return memory;
}

TEST_CASE("The chunks of a large item hold its head and its value, and hardly more") {
  for (const double factor : {1.04, 1.25, 2.0, 16.0}) {
    const SlabClasses classes(32, factor);
    for (const size_t key_bytes : {size_t{1}, size_t{30}, kMaxKeyBytes}) {
      for (uint64_t bytes = 1; bytes < 3 * kPageBytes; bytes += 29) {
        CAPTURE(factor, key_bytes, bytes);
        const LargePlan plan = classes.PlanFor(key_bytes, bytes);
        const uint64_t memory = MemoryOf(classes, plan, key_bytes, bytes);
        REQUIRE(plan.page_count + 1 + plan.part_count() <= SlabClasses::MostPagesOf(bytes));
        if (factor == 1.04 && bytes > kMaxSmallValueBytes) {
          const uint64_t headers_bytes = LargeHeadBytes(key_bytes, plan.page_count, 0) +
                                         plan.part_count() * (sizeof(Item) + sizeof(Handle));
          const uint64_t allowed_percent = bytes < 8192 ? 5 : 3;
          REQUIRE(memory - headers_bytes <= bytes + bytes * allowed_percent / 100);
        }
      }
    }
  }
}

TEST_CASE("Chunks that are not to be small hold the heads and the rests of large items, too") {
  for (const double factor : {1.04, 2.0}) {
    const SlabClasses classes(EngineOptions::kMostMinChunkBytes, factor);
    for (const size_t key_bytes : {size_t{1}, kMaxKeyBytes}) {
      for (uint64_t bytes = 1; bytes < 3 * kPageBytes; bytes += 29) {
        CAPTURE(factor, key_bytes, bytes);
        const LargePlan plan = classes.PlanFor(key_bytes, bytes);
        MemoryOf(classes, plan, key_bytes, bytes);
        REQUIRE(plan.page_count + 1 + plan.part_count() <= SlabClasses::MostPagesOf(bytes));
      }
    }
  }
}

TEST_CASE("The head of the largest values has room for the numbers of all their pages") {
  const SlabClasses classes(32, 1.04);
  for (const uint64_t page_count : {uint64_t{255}, uint64_t{799}}) {
    for (const size_t key_bytes : {size_t{1}, kMaxKeyBytes}) {
      for (uint64_t rest_bytes = 0; rest_bytes < kPageBytes; rest_bytes += 29) {
        CAPTURE(page_count, key_bytes, rest_bytes);
        const uint64_t bytes = page_count * kPageBytes + rest_bytes;
        const LargePlan plan = classes.PlanFor(key_bytes, bytes);
        MemoryOf(classes, plan, key_bytes, bytes);
        REQUIRE(plan.page_count + 1 + plan.part_count() <= SlabClasses::MostPagesOf(bytes));
      }
    }
  }
}

TEST_CASE("A claim counts no more pages than an item could keep from being emptied") {
  REQUIRE(SlabClasses::MostPagesOf(5'000) == 2);
  REQUIRE(SlabClasses::MostPagesOf(kPageBytes - 1) == 2);
  REQUIRE(SlabClasses::MostPagesOf(kPageBytes) == 2);
  REQUIRE(SlabClasses::MostPagesOf(1'048'000) == 17);
}

TEST_CASE("Medium values are made of blocks and a chunk, those of nearly a page of pages") {
  const SlabClasses classes(32, 1.06);
  const LargePlan plan = classes.PlanFor(30, 17'000);
  REQUIRE(plan.page_count == 0);
  REQUIRE(plan.head_class == classes.block_class());
  REQUIRE(plan.block_count == 3);
  REQUIRE(plan.tail_count == 1);
  REQUIRE(plan.tail_class < classes.block_class());
  const LargePlan page = classes.PlanFor(30, kPageBytes);
  REQUIRE(page.page_count == 1);
  REQUIRE(page.head_class < classes.block_class());
  REQUIRE(page.inline_bytes + page.part_count() == 0);
  REQUIRE(classes.PlanFor(30, kPageBytes - 1).page_count == 1);
  REQUIRE(classes.PlanFor(30, kPageBytes - 100).head_class == LargePlan::kNone);
  REQUIRE(classes.PlanFor(30, kPageBytes - 1'000).page_count == 0);
  REQUIRE(classes.PlanFor(30, 8 * kPageBytes - 1'200).head_class == LargePlan::kNone);
}

TEST_CASE("Two chunks take the rest behind the blocks where they waste less than one") {
  const SlabClasses classes(32, 1.04);
  const LargePlan plan = classes.PlanFor(30, 6980);
  REQUIRE(plan.block_count == 0);
  REQUIRE(plan.tail_count == 2);
  REQUIRE(classes.chunk_bytes(plan.tail_class) == 1524);
  REQUIRE(classes.PlanFor(30, 5500).tail_count == 1);
}

TEST_CASE("What a value has beyond its pages lies with the head where one chunk holds both") {
  const SlabClasses classes(32, 1.04);
  const LargePlan plan = classes.PlanFor(30, kPageBytes + 3000);
  REQUIRE(plan.page_count == 1);
  REQUIRE(plan.inline_bytes == 3000);
  REQUIRE(plan.part_count() == 0);
  REQUIRE(classes.chunk_bytes(plan.head_class) < 3300);
}

}  // namespace
}  // namespace quarry::core
