#include "tests/bench/engine/step_times.h"

#include <sys/resource.h>

#include <algorithm>
#include <ctime>

#include "core/base/check.h"

namespace quarry::bench {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

uint64_t ThreadCpuNs() {
  timespec time{};
  QUARRY_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<uint64_t>(time.tv_sec) * kNsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

/// Page faults of this thread that needed no disk.
uint64_t MinorFaults() {
  rusage usage{};
  QUARRY_CHECK(getrusage(RUSAGE_THREAD, &usage) == 0);
  return static_cast<uint64_t>(usage.ru_minflt);
}

}  // namespace

std::unique_ptr<StepTimes> MeasuredSteps::Least() const {
  auto times = std::make_unique<StepTimes>();
  for (const uint32_t ns : least_ns) {
    if (ns != kNeverWithoutFault) {
      times->Record(ns);
    }
  }
  return times;
}

void MeasureSteps(uint64_t step_count, absl::FunctionRef<void(uint64_t)> step,
                  MeasuredSteps* measured) {
  measured->least_ns.resize(step_count, MeasuredSteps::kNeverWithoutFault);
  for (uint64_t number = 0; number < step_count; ++number) {
    const uint64_t faults_before = MinorFaults();
    const uint64_t begin_ns = ThreadCpuNs();
    step(number);
    const uint64_t elapsed_ns = ThreadCpuNs() - begin_ns;
    const uint64_t faults = MinorFaults() - faults_before;
    measured->fault_count += faults;
    if (faults > 0) {
      measured->with_fault.Record(elapsed_ns);
      continue;
    }
    measured->without_fault.Record(elapsed_ns);
    uint32_t& least_ns = measured->least_ns[number];
    least_ns = static_cast<uint32_t>(std::min<uint64_t>(least_ns, elapsed_ns));
  }
}

}  // namespace quarry::bench
