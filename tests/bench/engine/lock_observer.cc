#include "tests/bench/engine/lock_observer.h"

#include <pthread.h>

#include <utility>

#include "core/base/check.h"

namespace quarry::bench {
namespace {

/// What the wrapped functions know: the system calls them with a lock and nothing else.
struct Watch {
  LockObserver* observer = nullptr;
  int depth = 0;  // locks held since the observer came
};

Watch& ThisThread() {
  thread_local constinit Watch watch;
  return watch;
}

/// Runs one of the calls that may take locks themselves.
void CallUnobserved(Watch& watch, void (LockObserver::*call)()) {
  LockObserver* observer = std::exchange(watch.observer, nullptr);
  (observer->*call)();
  watch.observer = observer;
}

}  // namespace

ScopedLockObserver::ScopedLockObserver(LockObserver& observer) {
  QUARRY_CHECK(ThisThread().observer == nullptr);
  ThisThread() = {.observer = &observer};
}

ScopedLockObserver::~ScopedLockObserver() {
  ThisThread() = {};
}

}  // namespace quarry::bench

// Names that the linker gives.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

int __real_pthread_mutex_lock(pthread_mutex_t* mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex);

[[gnu::used]] int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {
  using quarry::bench::LockObserver;
  auto& watch = quarry::bench::ThisThread();
  if (watch.observer == nullptr) {
    return __real_pthread_mutex_lock(mutex);
  }
  const bool outermost = watch.depth++ == 0;
  if (outermost) {
    quarry::bench::CallUnobserved(watch, &LockObserver::BeforeHold);
  }
  const int result = __real_pthread_mutex_lock(mutex);
  if (outermost) {
    watch.observer->HoldBegins();
  }
  return result;
}

[[gnu::used]] int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex) {
  using quarry::bench::LockObserver;
  auto& watch = quarry::bench::ThisThread();
  if (watch.observer == nullptr || watch.depth == 0) {
    return __real_pthread_mutex_unlock(mutex);
  }
  const bool outermost = --watch.depth == 0;
  if (outermost) {
    watch.observer->HoldEnds();
  }
  const int result = __real_pthread_mutex_unlock(mutex);
  if (outermost) {
    quarry::bench::CallUnobserved(watch, &LockObserver::AfterHold);
  }
  return result;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
