#include "tests/bench/engine/lock_observer.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/mutex.h"

namespace quarry::bench {
namespace {

/// What the wrapped functions know: they are called with a lock and nothing else.
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

// Mutex::Lock and Mutex::Unlock, under the names that the linker gives them.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

void __real__ZN6quarry5Mutex4LockEv(quarry::Mutex* mutex);
void __real__ZN6quarry5Mutex6UnlockEv(quarry::Mutex* mutex);
void __wrap__ZN6quarry5Mutex4LockEv(quarry::Mutex* mutex);
void __wrap__ZN6quarry5Mutex6UnlockEv(quarry::Mutex* mutex);

[[gnu::used]] void __wrap__ZN6quarry5Mutex4LockEv(quarry::Mutex* mutex) {
  using quarry::bench::LockObserver;
  auto& watch = quarry::bench::ThisThread();
  if (watch.observer == nullptr) {
    return __real__ZN6quarry5Mutex4LockEv(mutex);
  }
  const bool outermost = watch.depth++ == 0;
  if (outermost) {
    quarry::bench::CallUnobserved(watch, &LockObserver::BeforeHold);
  }
  __real__ZN6quarry5Mutex4LockEv(mutex);
  if (outermost) {
    watch.observer->HoldBegins();
  }
}

[[gnu::used]] void __wrap__ZN6quarry5Mutex6UnlockEv(quarry::Mutex* mutex) {
  using quarry::bench::LockObserver;
  auto& watch = quarry::bench::ThisThread();
  if (watch.observer == nullptr || watch.depth == 0) {
    return __real__ZN6quarry5Mutex6UnlockEv(mutex);
  }
  const bool outermost = --watch.depth == 0;
  if (outermost) {
    watch.observer->HoldEnds();
  }
  __real__ZN6quarry5Mutex6UnlockEv(mutex);
  if (outermost) {
    quarry::bench::CallUnobserved(watch, &LockObserver::AfterHold);
  }
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
