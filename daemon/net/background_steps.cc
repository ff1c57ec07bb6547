#include "daemon/net/background_steps.h"

#include <sys/time.h>

#include <chrono>
#include <utility>

namespace quarry::net {
namespace {

/// Steps are taken until so much time has passed, then after so long a pause: where a worker shares
/// the core with this thread, its clients are not to wait for all of them.
constexpr std::chrono::microseconds kSlice{200};
constexpr timeval kPause = {.tv_sec = 0, .tv_usec = 2'000};

}  // namespace

BackgroundSteps::BackgroundSteps(EventLoop& loop, std::function<bool()> step,
                                 std::function<void(const std::string&)> warn)
    : step_(std::move(step)), warn_(std::move(warn)) {
  pause_over_.Assign<&BackgroundSteps::Take>(loop, -1, 0, this);
}

void BackgroundSteps::Begin() {
  if (step_ && !pause_over_.armed()) {
    Take(0);
  }
}

void BackgroundSteps::Take(EventFlags) {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do {
    if (!step_()) {
      return;
    }
  } while (std::chrono::steady_clock::now() < end);
  if (!pause_over_.Add(&kPause)) {
    warn_("background work waits for the next second: the event loop takes no more events");
  }
}

}  // namespace quarry::net
