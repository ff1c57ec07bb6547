#include "tests/bench/engine/step_times.h"

#include <vector>

#include "tests/bench/engine/fresh_memory.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

TEST_CASE("Every step is called in order and measured once") {
  std::vector<uint64_t> called;
  called.reserve(1000);
  MeasuredSteps measured;
  MeasureSteps(
      1000, [&called](uint64_t number) { called.push_back(number); }, &measured);
  REQUIRE(called.size() == 1000);
  REQUIRE(called.front() == 0);
  REQUIRE(called.back() == 999);
  REQUIRE(measured.without_fault.ns.Total() + measured.with_fault.ns.Total() == 1000);
  REQUIRE(measured.Least()->ns.Total() == measured.without_fault.ns.Total());
}

TEST_CASE("A second run adds to the first, and each step keeps its least time") {
  MeasuredSteps measured;
  const auto nothing = [](uint64_t /*number*/) {
  };
  MeasureSteps(500, nothing, &measured);
  const std::vector<uint32_t> first_ns = measured.least_ns;
  MeasureSteps(500, nothing, &measured);
  REQUIRE(measured.without_fault.ns.Total() + measured.with_fault.ns.Total() == 1000);
  REQUIRE(measured.least_ns.size() == 500);
  for (size_t i = 0; i < first_ns.size(); ++i) {
    REQUIRE(measured.least_ns[i] <= first_ns[i]);
  }
}

TEST_CASE("A first touch of fresh memory is a page fault, a second one is not") {
  constexpr uint64_t kSteps = 8;
  FreshMemory memory(kSteps);
  const auto touch = [&memory](uint64_t number) {
    memory.Touch(number);
  };
  MeasuredSteps first;
  MeasureSteps(kSteps, touch, &first);
  REQUIRE(first.with_fault.ns.Total() > 0);
  REQUIRE(first.fault_count >= first.with_fault.ns.Total());
  MeasuredSteps second;
  MeasureSteps(kSteps, touch, &second);
  REQUIRE(second.fault_count < first.fault_count);
}

TEST_CASE("Long steps are counted by their bounds") {
  StepTimes times;
  for (const uint64_t ns :
       {StepTimes::kLongNs, StepTimes::kLongNs + 1, StepTimes::kTooLongNs + 1}) {
    times.Record(ns);
  }
  REQUIRE(times.ns.Total() == 3);
  REQUIRE(times.long_count == 2);
  REQUIRE(times.too_long_count == 1);
}

}  // namespace
}  // namespace quarry::bench
