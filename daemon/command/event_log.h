#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"
#include "core/eviction_observer.h"
#include "daemon/command/event_line.h"
#include "daemon/command/event_ring.h"
#include "daemon/command/watcher.h"

namespace quarry::command {

/// What can be watched: a bit each.
enum EventClass : uint32_t {
  kFetches = 1U << 0,
  kMutations = 1U << 1,
  kEvictions = 1U << 2,
  kConnectionEvents = 1U << 3,
  kDeletions = 1U << 4,
  kSystemEvents = 1U << 5,
  kProxyEvents = 1U << 6,  ///< of a proxy, which this server has not: they never happen
};

/// The events that clients watch (`watch`), from those to whom they happen to those who look.
///
///     workers --> a ring each --.                     .--> Watcher --> session --> socket
///     others ---> one ring -----+--> Collect, every --+--> Watcher --> session --> socket
///                                    few ms           '--> ...
///
/// Nobody to whom something happens ever waits: full rings drop lines. As what a ring holds is all
/// that a worker can tell between two calls of Collect, they bound the rate as well. Nor does a
/// client that does not read hold up anybody: its Watcher skips lines. Safe on any thread unless
/// said otherwise.
class EventLog final : public core::EvictionObserver {
 public:
  static constexpr size_t kMaxWatchers = 20;

  /// How much is kept on its way; each at least kMinBytes, so that any line fits.
  struct Sizes {
    static constexpr size_t kMinBytes = size_t{2} << 10;

    size_t ring_bytes = size_t{64} << 10;      ///< of what a thread tells
    size_t watcher_bytes = size_t{256} << 10;  ///< of what a client has not taken
  };

  EventLog() { SetSizes({}); }
  /// Before any other thread knows the log, and before AddRing.
  void SetSizes(const Sizes& sizes);

  /// The classes that anybody watches; nearly always 0. Relaxed: an event more or less around a
  /// change does not matter.
  uint32_t watched_classes() const { return watched_.load(std::memory_order_relaxed); }
  bool IsWatched(EventClass event_class) const { return (watched_classes() & event_class) != 0; }

  /// A ring for one more thread that events happen to. It lives as long as the log.
  EventRing& AddRing();
  /// For threads without one of their own.
  EventRing& shared_ring() { return *shared_ring_; }

  /// Begins the line of an event; `type` is a literal of ours.
  EventLine NewLine(std::string_view type) {
    return EventLine(last_number_.fetch_add(1, std::memory_order_relaxed) + 1, type);
  }
  /// Sends it on its way. Blocks nobody.
  static void Write(EventRing& ring, EventClass event_class, EventLine& line) {
    ring.Write(event_class, line.number(), line.Finish());
  }

  /// Tells an event of the server as a whole, if that is watched.
  void TellSystemEvent(std::string_view type, std::string_view fields);

  /// core::EvictionObserver.
  void OnEviction(const core::Listing& item, uint32_t ttl_sec) override;

  /// A watcher of `classes`; nullptr when there are too many. Shared between its session and the
  /// collector, who may be at work on it while the session ends.
  std::shared_ptr<Watcher> AddWatcher(uint32_t classes, std::function<void()> wake);
  /// Afterwards its wake is not called any more.
  void RemoveWatcher(const std::shared_ptr<Watcher>& watcher);

  /// `begin` is called, under the log's lock, when the first watcher has come: from then on Collect
  /// is to be called every few milliseconds, until has_watchers() is false. Before any comes.
  void OnFirstWatcher(std::function<void()> begin);
  bool has_watchers() const { return watcher_count() > 0; }
  /// Hands what has happened to those who watch it. On one thread.
  void Collect();

  struct Totals {
    uint64_t worker_dropped = 0;
    uint64_t worker_written = 0;
    uint64_t watcher_skipped = 0;
    uint64_t watcher_sent = 0;
  };
  Totals totals() const;
  void ResetTotals();
  uint64_t watcher_count() const { return watcher_count_.load(std::memory_order_relaxed); }

 private:
  void Deliver(EventRing& ring, const std::vector<std::shared_ptr<Watcher>>& watchers);
  void NoteWatchers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Totals TotalsSinceStart() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Relaxed: each stands for itself.
  std::atomic<uint32_t> watched_{0};
  std::atomic<uint64_t> watcher_count_{0};
  std::atomic<uint64_t> last_number_{0};
  std::atomic<uint64_t> sent_{0};
  std::atomic<uint64_t> skipped_{0};

  Sizes sizes_;  // constant, as is the next, once there are threads
  std::unique_ptr<EventRing> shared_ring_;
  mutable Mutex mutex_;
  std::deque<EventRing> rings_ ABSL_GUARDED_BY(mutex_);  // which do not move
  std::vector<std::shared_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> begin_ ABSL_GUARDED_BY(mutex_);
  Totals at_reset_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::command
