#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <ctime>

#include "core/base/check.h"

namespace quarry::bench {

/// The CPU time that this thread has taken so far.
inline uint64_t ThreadCpuNs() {
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  timespec time{};
  QUARRY_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<uint64_t>(time.tv_sec) * kNsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

/// Page faults of this thread that needed no disk.
inline uint64_t MinorFaults() {
  rusage usage{};
  QUARRY_CHECK(getrusage(RUSAGE_THREAD, &usage) == 0);
  return static_cast<uint64_t>(usage.ru_minflt);
}

}  // namespace quarry::bench
