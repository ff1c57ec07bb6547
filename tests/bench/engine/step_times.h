#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <absl/functional/function_ref.h>

#include "tests/bench/histogram.h"

namespace quarry::bench {

/// Thread CPU times of many calls of one kind.
struct StepTimes {
  static constexpr uint64_t kLongNs = 100'000;
  static constexpr uint64_t kTooLongNs = 1'000'000;

  Histogram ns;
  uint64_t long_count = 0;      // above kLongNs
  uint64_t too_long_count = 0;  // above kTooLongNs

  void Record(uint64_t elapsed_ns) {
    ns.Record(elapsed_ns);
    long_count += elapsed_ns > kLongNs ? 1 : 0;
    too_long_count += elapsed_ns > kTooLongNs ? 1 : 0;
  }
};

/// The times of calls in which the system gave the thread memory, and of those in which it did not,
/// over one run or several of the same steps.
struct MeasuredSteps {
  static constexpr uint32_t kNeverWithoutFault = UINT32_MAX;

  StepTimes without_fault;
  StepTimes with_fault;
  uint64_t fault_count = 0;
  /// Of each step the least time over all runs in which it had no fault: a disturbance seldom meets
  /// the same step twice. Times of four seconds and more do not occur.
  std::vector<uint32_t> least_ns;

  void Record(uint64_t number, uint64_t elapsed_ns, uint64_t faults);

  /// The times in least_ns.
  std::unique_ptr<StepTimes> Least() const;
};

/// Calls `step(number)` for every number below `step_count`, and adds the thread CPU time and the
/// minor page faults of each call to *measured.
void MeasureSteps(uint64_t step_count, absl::FunctionRef<void(uint64_t)> step,
                  MeasuredSteps* measured);

}  // namespace quarry::bench
