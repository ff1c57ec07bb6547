#include "tests/bench/cpu_clock.h"

namespace quarry::bench {
namespace {

uint64_t ReadNs(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) {
    return 0;
  }
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  return static_cast<uint64_t>(time.tv_sec) * kNsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

uint64_t MonotonicNs() {
  return ReadNs(CLOCK_MONOTONIC);
}

std::optional<ProcessCpuClock> ProcessCpuClock::Of(int pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0) {
    return std::nullopt;
  }
  return ProcessCpuClock(clock);
}

uint64_t ProcessCpuClock::Ns() const {
  return ReadNs(clock_);
}

}  // namespace quarry::bench
