#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"

namespace quarry::core {

class Admission;

/// One party's claim on an Admission: nothing, a place in its queue, or so many bytes. Destroying
/// it gives back whatever it holds. Used by one thread; only `wake` is called on others.
class AdmissionTicket {
 public:
  /// `wake` tells the owner that its place in the queue has been reached and that its bytes are
  /// now its own. It is called on any thread, under the Admission's lock: it may only post a
  /// message.
  explicit AdmissionTicket(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~AdmissionTicket() { Release(); }
  AdmissionTicket(const AdmissionTicket&) = delete;
  AdmissionTicket& operator=(const AdmissionTicket&) = delete;

  /// Gives back the bytes, or leaves the queue.
  void Release();

 private:
  friend class Admission;
  std::function<void()> wake_;
  Admission* admission_ = nullptr;  // null: holds nothing and waits for nothing
  uint64_t bytes_ = 0;
  bool admitted_ = false;  // guarded by the Admission's mutex
};

/// Shares a number of bytes among parties, first come first served. Safe on any thread.
///
/// A claim of at most kSmallClaimBytes may use all of the capacity, a larger one only three
/// quarters, so that large claims do not hold up small ones; a single claim is admitted whatever
/// its size when nothing else is.
class Admission {
 public:
  static constexpr uint64_t kSmallClaimBytes = uint64_t{1} << 20;

  explicit Admission(uint64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  /// True when `ticket` holds `bytes` now. Otherwise it waits in the queue, its `wake` will be
  /// called once, and this call, repeated then, returns true. A waiting ticket may ask again at any
  /// time.
  bool Admit(AdmissionTicket& ticket, uint64_t bytes);

  uint64_t admitted_bytes() const;
  bool has_waiters() const;

 private:
  friend class AdmissionTicket;
  void Release(AdmissionTicket& ticket);
  bool Fits(uint64_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdmitWaiters() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint64_t capacity_bytes_;
  mutable Mutex mutex_;
  uint64_t admitted_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<AdmissionTicket*> small_waiters_ ABSL_GUARDED_BY(mutex_);
  std::deque<AdmissionTicket*> large_waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::core
