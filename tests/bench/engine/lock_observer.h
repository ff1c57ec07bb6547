#pragma once

namespace quarry::bench {

/// Sees every hold of a lock by one thread: from the outermost lock to its unlock. A lock that is
/// taken meanwhile, as the page pool's under a shard's, is part of that hold. What is called before
/// and after a hold may take locks itself, which it does not see.
///
/// The sources of the engine know nothing of it: the linker puts it in the way of Mutex (--wrap),
/// in programs that link quarry_lock_observer.
class LockObserver {
 public:
  LockObserver() = default;
  LockObserver(const LockObserver&) = delete;
  LockObserver& operator=(const LockObserver&) = delete;
  virtual ~LockObserver() = default;

  virtual void BeforeHold() = 0;
  virtual void HoldBegins() = 0;  ///< the lock has just been taken
  virtual void HoldEnds() = 0;    ///< and is just about to be released
  virtual void AfterHold() = 0;
};

/// Shows an observer the holds of this thread, while it lives.
class ScopedLockObserver {
 public:
  explicit ScopedLockObserver(LockObserver& observer);
  ~ScopedLockObserver();
  ScopedLockObserver(const ScopedLockObserver&) = delete;
  ScopedLockObserver& operator=(const ScopedLockObserver&) = delete;
};

}  // namespace quarry::bench
