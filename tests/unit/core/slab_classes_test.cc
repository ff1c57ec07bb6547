#include "core/slab_classes.h"

#include "core/item.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

TEST_CASE("Every size up to half a page has the smallest class that holds it") {
  const SlabClasses classes(32, 1.06);
  for (uint32_t bytes = 1; bytes <= classes.largest_chunk_bytes(); ++bytes) {
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
      REQUIRE((i == 0 || chunk > classes.chunk_bytes(i - 1)));
    }
  }
}

TEST_CASE("A composed or large value wastes at most five percent beyond its chunk headers") {
  const SlabClasses classes(32, 1.06);
  for (uint64_t bytes = 6145; bytes < 4 * kPageBytes; bytes += 97) {
    const LargePlan plan = classes.PlanFor(bytes);
    uint64_t memory = uint64_t{plan.page_count} * kPageBytes;
    uint64_t capacity = memory;
    for (uint32_t i = 0; i < plan.tail.chunk_count; ++i) {
      memory += classes.chunk_bytes(plan.tail.classes[i]);
      capacity += classes.chunk_bytes(plan.tail.classes[i]) - sizeof(Item);
    }
    CAPTURE(bytes);
    REQUIRE(capacity >= bytes);
    REQUIRE(static_cast<double>(memory) <= 1.05 * static_cast<double>(bytes) + 3 * sizeof(Item));
  }
}

TEST_CASE(
    "Values of one composed class have one plan, and values with whole pages the large list") {
  const SlabClasses classes(32, 1.06);
  const LargePlan plan = classes.PlanFor(20'000);
  REQUIRE(plan.page_count == 0);
  REQUIRE(classes.composed(plan.list_index).capacity_bytes == plan.tail.capacity_bytes);
  REQUIRE(classes.PlanFor(kPageBytes).list_index == classes.large_list());
  REQUIRE(classes.PlanFor(kPageBytes).tail.chunk_count == 0);
  REQUIRE(classes.PlanFor(kPageBytes - 1).page_count == 1);
}

}  // namespace
}  // namespace quarry::core
