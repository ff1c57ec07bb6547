#include "tests/bench/engine/step_times.h"

#include <algorithm>

#include "tests/bench/engine/thread_usage.h"

namespace quarry::bench {
std::unique_ptr<StepTimes> MeasuredSteps::Least() const {
  auto times = std::make_unique<StepTimes>();
  for (const uint32_t ns : least_ns) {
    if (ns != kNeverWithoutFault) {
      times->Record(ns);
    }
  }
  return times;
}

void MeasuredSteps::Record(uint64_t number, uint64_t elapsed_ns, uint64_t faults) {
  if (number >= least_ns.size()) {
    least_ns.resize(number + 1, kNeverWithoutFault);
  }
  fault_count += faults;
  if (faults > 0) {
    with_fault.Record(elapsed_ns);
    return;
  }
  without_fault.Record(elapsed_ns);
  least_ns[number] = static_cast<uint32_t>(std::min<uint64_t>(least_ns[number], elapsed_ns));
}

void MeasureSteps(uint64_t step_count, absl::FunctionRef<void(uint64_t)> step,
                  MeasuredSteps* measured) {
  for (uint64_t number = 0; number < step_count; ++number) {
    const uint64_t faults_before = MinorFaults();
    const uint64_t begin_ns = ThreadCpuNs();
    step(number);
    const uint64_t elapsed_ns = ThreadCpuNs() - begin_ns;
    measured->Record(number, elapsed_ns, MinorFaults() - faults_before);
  }
}

}  // namespace quarry::bench
