#include "core/base/signal_mask.h"

#include <initializer_list>
#include <thread>

#include "tests/support/catch.h"

namespace quarry {
namespace {

sigset_t MaskOfThisThread() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return mask;
}

TEST_CASE("A thread that begins while signals are blocked gets none but those of its own faults") {
  const sigset_t before = MaskOfThisThread();
  sigset_t of_thread;
  {
    const SignalsBlocked blocked;
    std::thread([&of_thread] { of_thread = MaskOfThisThread(); }).join();
  }
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGALRM, SIGPIPE}) {
    CAPTURE(number);
    CHECK(sigismember(&of_thread, number) == 1);
  }
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
    CAPTURE(number);
    CHECK(sigismember(&of_thread, number) == 0);
  }
  const sigset_t after = MaskOfThisThread();
  for (int number = 1; number < SIGRTMIN; ++number) {
    CHECK(sigismember(&after, number) == sigismember(&before, number));
  }
}

}  // namespace
}  // namespace quarry
