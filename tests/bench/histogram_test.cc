#include "tests/bench/histogram.h"

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

TEST_CASE("Every value lies in a bucket that ends at most 1.6 % above it") {
  for (uint64_t value = 1; value < (uint64_t{1} << 62); value += value / 7 + 1) {
    const uint64_t end = Histogram::BucketEnd(Histogram::BucketOf(value));
    CAPTURE(value);
    REQUIRE(end >= value);
    REQUIRE(static_cast<double>(end - value) <= static_cast<double>(value) / 64);
  }
}

TEST_CASE("Buckets follow each other without a hole") {
  for (size_t bucket = 0; bucket < 3000; ++bucket) {
    CAPTURE(bucket);
    REQUIRE(Histogram::BucketOf(Histogram::BucketEnd(bucket)) == bucket);
    REQUIRE(Histogram::BucketOf(Histogram::BucketEnd(bucket) + 1) == bucket + 1);
  }
}

TEST_CASE("The largest number there is has a bucket") {
  Histogram histogram;
  histogram.Record(UINT64_MAX);
  REQUIRE(histogram.Percentile(0.5) == UINT64_MAX);
}

TEST_CASE("Percentiles of small values are exact") {
  Histogram histogram;
  for (uint64_t value = 1; value <= 50; ++value) {
    histogram.Record(value);
  }
  REQUIRE(histogram.Total() == 50);
  REQUIRE(histogram.Percentile(0.0) == 1);
  REQUIRE(histogram.Percentile(0.5) == 25);
  REQUIRE(histogram.Percentile(0.9) == 45);
  REQUIRE(histogram.Percentile(1.0) == 50);
}

TEST_CASE("The maximum is exact and bounds every percentile") {
  Histogram histogram;
  histogram.Record(1'000'003);
  REQUIRE(histogram.Max() == 1'000'003);
  REQUIRE(histogram.Percentile(0.99) == 1'000'003);
}

TEST_CASE("An empty histogram answers zero") {
  const Histogram histogram;
  REQUIRE(histogram.Percentile(0.99) == 0);
}

}  // namespace
}  // namespace quarry::bench
