#include "tests/bench/key_pattern.h"

#include <cmath>
#include <initializer_list>
#include <set>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

double SumOfWeights(uint64_t first, uint64_t last, double exponent) {
  double sum = 0;
  for (uint64_t rank = first; rank <= last; ++rank) {
    sum += std::pow(static_cast<double>(rank), -exponent);
  }
  return sum;
}

TEST_CASE("Zipf ranks come as often as their weights say") {
  constexpr uint64_t kRanks = 1000;
  constexpr int kDraws = 400'000;
  for (const double exponent : {0.5, 0.99, 1.0, 1.3}) {
    CAPTURE(exponent);
    const Zipf zipf(kRanks, exponent);
    Random random(7);
    std::vector<int> counts(kRanks + 1);
    for (int i = 0; i < kDraws; ++i) {
      const uint64_t rank = zipf.Draw(random);
      REQUIRE(rank >= 1);
      REQUIRE(rank <= kRanks);
      ++counts[rank];
    }
    const double total = SumOfWeights(1, kRanks, exponent);
    for (const uint64_t rank : std::initializer_list<uint64_t>{1, 2, 3, 10, 100, 1000}) {
      CAPTURE(rank);
      const double expected = kDraws * SumOfWeights(rank, rank, exponent) / total;
      REQUIRE(std::abs(counts[rank] - expected) < 5 * std::sqrt(expected) + 1);
    }
  }
}

TEST_CASE("One rank alone is always drawn") {
  const Zipf zipf(1, 0.99);
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(zipf.Draw(random) == 1);
  }
}

TEST_CASE("Popular keys are scattered over the key space, the most popular one a single key") {
  KeyPattern pattern({KeyOrder::kZipf, 0.99, 1'000'000});
  Random random(3);
  std::vector<int> by_tenth(10);
  for (int i = 0; i < 100'000; ++i) {
    ++by_tenth[pattern.Next(random) / 100'000];
  }
  for (const int count : by_tenth) {
    REQUIRE(count > 4'000);
  }
}

TEST_CASE("A sequential order visits every key once, then starts over") {
  KeyPattern pattern({KeyOrder::kSequential, 0, 3});
  Random random(1);
  std::vector<uint64_t> visited;
  for (int i = 0; i < 5; ++i) {
    visited.push_back(pattern.Next(random));
  }
  REQUIRE(visited == std::vector<uint64_t>{0, 1, 2, 0, 1});
}

TEST_CASE("Uniform keys cover the key space and stay inside it") {
  KeyPattern pattern({KeyOrder::kUniform, 0, 10});
  Random random(1);
  std::set<uint64_t> visited;
  for (int i = 0; i < 1000; ++i) {
    visited.insert(pattern.Next(random));
  }
  REQUIRE(visited.size() == 10);
  REQUIRE(*visited.rbegin() == 9);
}

TEST_CASE("Different seeds give different sequences") {
  Random first(1);
  Random second(2);
  REQUIRE(first.Next() != second.Next());
}

}  // namespace
}  // namespace quarry::bench
