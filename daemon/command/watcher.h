#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"

namespace quarry::command {

/// Lines of events that one client has still to be sent, in bounded memory: one that finds no room
/// is skipped, and the client is told how many were. Filled by the thread that collects events,
/// emptied by the client's worker; its lock is held for a copy.
class Watcher {
 public:
  /// For events of `classes` behind that with the number `first_number`. `wake` tells the client's
  /// session that there are lines again; it is called under the lock, so it may only post a
  /// message.
  Watcher(uint32_t classes, uint64_t first_number, size_t max_bytes, std::function<void()> wake)
      : classes_(classes),
        first_number_(first_number),
        max_bytes_(max_bytes),
        wake_(std::move(wake)) {}

  uint32_t classes() const { return classes_; }
  bool Wants(uint32_t event_class, uint64_t number) const {
    return (classes_ & event_class) != 0 && number > first_number_;
  }

  /// Adds a line; false if it was skipped.
  bool Offer(std::string_view line) ABSL_LOCKS_EXCLUDED(mutex_);
  /// No wake is called any more once this has returned.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  /// Moves what fits into `room` and returns its length. 0: there is nothing, and `wake` will be
  /// called once there is.
  size_t Take(std::span<char> room) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const uint32_t classes_;
  const uint64_t first_number_;
  const size_t max_bytes_;
  Mutex mutex_;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
  std::string lines_ ABSL_GUARDED_BY(mutex_);
  size_t taken_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of lines_
  uint64_t skipped_ ABSL_GUARDED_BY(mutex_) = 0;    // and not yet told
  bool waits_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace quarry::command
