#pragma once

#include <sys/time.h>

#include <cstdint>
#include <memory>

#include <absl/status/statusor.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "core/base/check.h"

namespace quarry::net {

/// libevent's set of EV_READ, EV_WRITE, EV_TIMEOUT, ... in the type of its interface.
using EventFlags = int16_t;

class SocketPoll;

/// One libevent base without locks, and the poll in it that hears of input: everything about it,
/// but its creation, belongs to the thread that runs it.
class EventLoop {
 public:
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// ResourceExhausted when the system refuses what a base needs.
  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();

  /// Handles events until Break. Aborts when the system's polling fails, which only a bug can
  /// cause.
  void Run();

  /// Ends Run after the event in hand; before Run, it has no effect.
  void Break();

  event_base* base() { return base_.get(); }
  SocketPoll& socket_poll() { return *socket_poll_; }

 private:
  struct FreeBase {
    void operator()(event_base* base) const { event_base_free(base); }
  };

  explicit EventLoop(event_base* base);

  std::unique_ptr<event_base, FreeBase> base_;
  std::unique_ptr<SocketPoll> socket_poll_;
};

/// One event. Belongs to the loop's thread, and is removed when destroyed, which may be within its
/// own handler.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { Remove(); }

  /// Says what the event means from now on: `Method` of `target` is called with the flags that came
  /// true. A `descriptor` of -1 makes a timer, a signal's number with EV_SIGNAL a signal handler.
  /// Not while armed.
  template <auto Method, typename Target>
  void Assign(EventLoop& loop, int descriptor, int flags, Target* target) {
    QUARRY_DCHECK(!armed());
    const int result = event_assign(
        &event_, loop.base(), descriptor, static_cast<EventFlags>(flags),
        [](evutil_socket_t, EventFlags happened, void* argument) {
          (static_cast<Target*>(argument)->*Method)(happened);
        },
        target);
    QUARRY_CHECK(result == 0);
  }

  /// Arms the event, with a timeout if one is given. False when the system refuses; the event is
  /// not armed then. One without EV_PERSIST is armed until it comes true.
  [[nodiscard]] bool Add(const timeval* timeout = nullptr) {
    return event_add(&event_, timeout) == 0;
  }

  /// Disarms the event; nothing happens when it is not armed.
  void Remove() {
    if (armed()) {
      event_del(&event_);
    }
  }

  /// True also between coming true and being handled.
  bool armed() const {
    constexpr int kArmedFlags =
        EVLIST_INSERTED | EVLIST_TIMEOUT | EVLIST_ACTIVE | EVLIST_ACTIVE_LATER;
    return (event_.ev_evcallback.evcb_flags & kArmedFlags) != 0;
  }

  /// What it was assigned to hear of.
  EventFlags flags() const { return event_get_events(&event_); }

 private:
  event event_ = {};
};

}  // namespace quarry::net
