#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

namespace quarry::bench {

/// Nanoseconds of a clock that never goes back.
uint64_t MonotonicNs();

/// The CPU time of another process, all its threads together, in nanoseconds.
class ProcessCpuClock {
 public:
  /// Nothing where there is no such process.
  static std::optional<ProcessCpuClock> Of(int pid);

  /// 0 once the process has ended.
  uint64_t Ns() const;

 private:
  explicit ProcessCpuClock(clockid_t clock) : clock_(clock) {}

  clockid_t clock_;
};

}  // namespace quarry::bench
