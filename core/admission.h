#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"
#include "core/base/wake_up.h"
#include "core/slab_classes.h"

namespace quarry::core {

class Admission;

/// What memory is claimed for.
enum class ClaimKind : uint8_t {
  kUpload,  ///< a value that is arriving
  kPin,     ///< a value that is being sent
};
inline constexpr size_t kClaimKinds = 2;

/// One party's claim on an Admission: nothing, a place in its queue, or so many bytes. Destroying
/// it gives back whatever it holds. Used by one thread; only `wake` is called on others.
class AdmissionTicket {
 public:
  /// `wake` tells the owner that its place in the queue has been reached and that its bytes are
  /// now its own. It is called on any thread, under the Admission's lock.
  explicit AdmissionTicket(WakeUp wake = {}) : wake_(wake) {}
  ~AdmissionTicket() { Release(); }
  AdmissionTicket(const AdmissionTicket&) = delete;
  AdmissionTicket& operator=(const AdmissionTicket&) = delete;

  WakeUp wake() const { return wake_; }

  /// Gives back the bytes, or leaves the queue.
  void Release() {
    if (admission_ != nullptr) {
      Leave();
    }
  }

  /// Lets go of the bytes, if it holds any, without giving them back. True if it did: from now on
  /// they are counted until somebody calls Admission::GiveBack.
  bool HandOver();

 private:
  friend class Admission;
  void Leave();

  WakeUp wake_;
  Admission* admission_ = nullptr;  // null: holds nothing and waits for nothing
  uint64_t bytes_ = 0;
  uint64_t number_ = 0;  // in the order of arrival
  ClaimKind kind_ = ClaimKind::kUpload;
  bool admitted_ = false;  // guarded by the Admission's mutex
};

/// The ledger of the memory that no eviction can free: values that are arriving and values that are
/// being sent. Keeps their sum below a total, so that a store always finds something to evict, and
/// shares it out first come first served. Safe on any thread.
///
///     | index, small items |     pins      |  uploads   |
///                          '-- total: what may be claimed
///                                          '-- the uploads' share
///
/// Within the share of its kind a claim of at most kSmallClaimBytes may use everything, a larger
/// one only three quarters, so that large claims do not hold up small ones. A claim larger than
/// that is admitted while no other of its kind is, and then takes from the other kind's share: the
/// kinds compete only where one value is about half of the memory. A claim larger than the total is
/// admitted alone.
class Admission {
 public:
  /// The claim of a value of 1 MB, with the pages that its head and tail may keep from being
  /// emptied.
  static constexpr uint64_t kSmallClaimBytes =
      (uint64_t{1} << 20) + SlabClasses::kMaxChunkPages * kPageBytes;

  Admission(uint64_t upload_share_bytes, uint64_t total_bytes)
      : upload_share_bytes_(upload_share_bytes), total_bytes_(total_bytes) {
    PublishHeadroom();
  }

  /// True when `ticket` holds `bytes` for `kind` now. Otherwise it waits in the queue, its `wake`
  /// will be called once, and this call, repeated then, returns true. A waiting ticket may ask
  /// again at any time; one that asks for something else gives up its claim or place first.
  bool Admit(AdmissionTicket& ticket, ClaimKind kind, uint64_t bytes);

  /// Counts `bytes` without asking, where it is known that they fit or that they are needed for a
  /// moment only.
  void Take(ClaimKind kind, uint64_t bytes);
  /// Ends what Take or AdmissionTicket::HandOver began.
  void GiveBack(ClaimKind kind, uint64_t bytes);

  /// Changes what may be claimed in all, and the uploads' share of it.
  void SetShares(uint64_t upload_share_bytes, uint64_t total_bytes);

  uint64_t claimed_bytes(ClaimKind kind) const;

  /// True when somebody waits for what claims of `kind` hold.
  bool IsAwaited(ClaimKind kind) const {
    return awaited_[IndexOf(kind)].load(std::memory_order_relaxed);
  }
  bool has_waiters() const { return IsAwaited(ClaimKind::kUpload) || IsAwaited(ClaimKind::kPin); }

  /// Bytes that pins may take, one large claim after another, before any has to wait. Without the
  /// lock, and so only for a decision with room for error.
  uint64_t pin_headroom() const { return pin_headroom_.load(std::memory_order_relaxed); }

 private:
  friend class AdmissionTicket;

  /// Whether a claim can be admitted, and what stands in its way.
  enum class Fit : uint8_t {
    kFits,
    kShareTaken,
    kTotalTaken,
  };

  /// Those who wait, by kind and size, each in the order of arrival.
  using Queue = std::deque<AdmissionTicket*>;
  static constexpr size_t kSizes = 2;

  static size_t IndexOf(ClaimKind kind) { return static_cast<size_t>(kind); }
  static size_t QueueOf(ClaimKind kind, uint64_t bytes) {
    return IndexOf(kind) * kSizes + (bytes > kSmallClaimBytes ? 1 : 0);
  }

  void Release(AdmissionTicket& ticket);
  bool HandOver(AdmissionTicket& ticket);
  void Leave(AdmissionTicket& ticket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Fit Judge(ClaimKind kind, uint64_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellWaiters() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdmitWaiters(const AdmissionTicket* asking) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Queue* OldestQueue(const std::array<bool, kClaimKinds * kSizes>& stopped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t ShareOf(ClaimKind kind) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PublishHeadroom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Written under the lock; true of no kind while all queues are empty. Read without it by those
  // who only decide how to go on: relaxed.
  std::array<std::atomic<bool>, kClaimKinds> awaited_{};
  std::atomic<uint64_t> pin_headroom_{0};

  mutable Mutex mutex_;
  uint64_t upload_share_bytes_ ABSL_GUARDED_BY(mutex_);
  uint64_t total_bytes_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::array<uint64_t, kClaimKinds> claimed_bytes_ ABSL_GUARDED_BY(mutex_) = {};
  std::array<Queue, kClaimKinds * kSizes> queues_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::core
