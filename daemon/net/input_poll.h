#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <memory>

#include <absl/status/statusor.h>

#include "core/base/check.h"
#include "daemon/net/event.h"
#include "daemon/net/file_descriptor.h"

namespace quarry::net {

class InputEvent;

/// What of an event loop hears of input, which is nearly all that ever happens there: an epoll of
/// its own, which costs a tenth of libevent's way from an event to its handler. To libevent it is
/// one event; while the loop waits for nothing else, no timer and no room to send, the poll waits
/// by itself, so that a wait is one system call as well.
///
///     libevent --- timers, sockets to be written to, ...
///        '-------- InputPoll --- InputEvents: connections, the mailbox, UDP
///
/// Belongs to the loop's thread.
class InputPoll {
 public:
  /// For `loop`, which owns it. ResourceExhausted when the system refuses what it needs.
  static absl::StatusOr<std::unique_ptr<InputPoll>> Create(EventLoop& loop);

  /// Handles none of the events that it has heard of, and leaves the waiting to libevent.
  void Break() {
    next_ = ready_count_;
    goes_on_ = false;
  }

 private:
  friend class InputEvent;

  /// How many events one system call tells of.
  static constexpr int kMaxReady = 64;

  InputPoll(EventLoop& loop, FileDescriptor epoll) : loop_(loop), epoll_(std::move(epoll)) {}

  void OnReady(EventFlags happened);
  void HandleReady(int timeout_ms);
  bool IsAlone() const;
  bool Add(InputEvent& event, int descriptor);
  void Remove(const InputEvent& event, int descriptor);

  EventLoop& loop_;
  const FileDescriptor epoll_;
  Event ready_event_;
  std::array<epoll_event, kMaxReady> ready_ = {};  // of an event that was removed meanwhile: null
  size_t ready_count_ = 0;
  size_t next_ = 0;
  bool goes_on_ = false;  // until Break
};

/// Input on one descriptor, or its end: as an Event that is EV_READ | EV_PERSIST. Belongs to the
/// loop's thread, and is removed when destroyed, which may be within its own handler.
class InputEvent {
 public:
  InputEvent() = default;
  InputEvent(const InputEvent&) = delete;
  InputEvent& operator=(const InputEvent&) = delete;
  ~InputEvent() { Remove(); }

  /// Says what the event means from now on: `Method` of `target` is called as long as there is
  /// something to be read from `descriptor`. Not while armed.
  template <auto Method, typename Target>
  void Assign(EventLoop& loop, int descriptor, Target* target) {
    QUARRY_DCHECK(!armed_);
    poll_ = &loop.input_poll();
    descriptor_ = descriptor;
    target_ = target;
    handle_ = [](void* assigned) {
      (static_cast<Target*>(assigned)->*Method)();
    };
  }

  /// Arms the event, which is not armed. False when the system refuses.
  [[nodiscard]] bool Add() {
    QUARRY_DCHECK(!armed_);
    return armed_ = poll_->Add(*this, descriptor_);
  }

  /// Disarms the event; nothing happens when it is not armed.
  void Remove() {
    if (armed_) {
      armed_ = false;
      poll_->Remove(*this, descriptor_);
    }
  }

  bool armed() const { return armed_; }

 private:
  friend class InputPoll;

  void (*handle_)(void* target) = nullptr;
  void* target_ = nullptr;
  InputPoll* poll_ = nullptr;
  int descriptor_ = -1;
  bool armed_ = false;
};

}  // namespace quarry::net
