#pragma once

#include <atomic>
#include <cstdint>

#include <absl/base/thread_annotations.h>

namespace quarry {

/// A lock under clang's thread-safety analysis, made for holds of a few microseconds. Taking and
/// releasing a free one is one atomic operation each; who finds it held tries again for a moment
/// and then sleeps in the kernel.
///
/// std::mutex costs a request 50 instructions more, a twelfth of all that a pipelined get takes:
/// pthread's lock looks at its kind and notes its owner each time. (absl::Mutex is out of the
/// question for another reason: Debian's build of it is not instrumented and shows ThreadSanitizer
/// races that are none.) Neither fair nor recursive.
///
/// U. Drepper, "Futexes are tricky", 2011: the second mutex there.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  ~Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // Not inline, so that locks can be counted and observed where they are taken.
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION();
  void Unlock() ABSL_UNLOCK_FUNCTION();

  /// Tells the analysis that the caller holds the lock where it cannot see it: in a lambda.
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() {}

 private:
  enum State : uint32_t {
    kFree,
    kHeld,
    kContended,  ///< held, and others may be asleep
  };

  void LockContended();

  std::atomic<uint32_t> state_{kFree};
};

/// Holds a Mutex from construction to destruction.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }

  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace quarry
