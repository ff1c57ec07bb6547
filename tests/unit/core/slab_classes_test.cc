#include "core/slab_classes.h"

#include "core/item.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

TEST_CASE("Every size of a small chunk has the smallest class that holds it") {
  const SlabClasses classes(32, 1.06);
  for (uint32_t bytes = 1; bytes <= classes.largest_small_chunk_bytes(); ++bytes) {
    const uint32_t index = classes.ClassFor(bytes);
    REQUIRE(classes.chunk_bytes(index) >= bytes);
    REQUIRE((index == 0 || classes.chunk_bytes(index - 1) < bytes));
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

TEST_CASE("A value of 8 KB and more wastes at most five percent beyond its chunk headers") {
  const SlabClasses classes(32, 1.06);
  for (uint64_t bytes = 6145; bytes < 4 * kPageBytes; bytes += 97) {
    const LargePlan plan = classes.PlanFor(bytes);
    uint64_t memory = uint64_t{plan.page_count} * kPageBytes;
    uint64_t capacity = memory;
    REQUIRE(plan.chunk_count() <= LargePlan::kMaxChunks);
    for (uint32_t i = 0; i < plan.chunk_count(); ++i) {
      memory += classes.chunk_bytes(classes.ClassOfChunk(plan, i));
      capacity += classes.chunk_bytes(classes.ClassOfChunk(plan, i)) - sizeof(Item);
    }
    CAPTURE(bytes);
    REQUIRE(capacity >= bytes);
    const uint64_t allowed_percent = bytes < 8192 ? 7 : 5;
    REQUIRE(memory - plan.chunk_count() * sizeof(Item) <= bytes + bytes * allowed_percent / 100);
  }
}

TEST_CASE("Medium values are made of blocks and a chunk, those of nearly a page of pages") {
  const SlabClasses classes(32, 1.06);
  const LargePlan plan = classes.PlanFor(17'000);
  REQUIRE(plan.page_count == 0);
  REQUIRE(plan.block_count == 4);
  REQUIRE(plan.tail_class < classes.block_class());
  REQUIRE(classes.PlanFor(kPageBytes).page_count == 1);
  REQUIRE(classes.PlanFor(kPageBytes).chunk_count() == 0);
  REQUIRE(classes.PlanFor(kPageBytes - 1).page_count == 1);
}

}  // namespace
}  // namespace quarry::core
