#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>

#include <absl/status/statusor.h>

#include "core/base/check.h"
#include "daemon/net/event.h"
#include "daemon/net/file_descriptor.h"

namespace quarry::net {

class SocketEvent;

/// What becomes of an event that might be gathered.
enum class Gathered : uint8_t {
  kTaken,  ///< half of it is done, and the poll's finish does the rest
  kLeft,   ///< it is handled alone, once the others are finished
  kFull,   ///< it is asked again, once the others are finished
};

/// What of an event loop hears of sockets, which is nearly all that ever happens there: an epoll of
/// its own, which costs a tenth of libevent's way from an event to its handler. To libevent it is
/// one event; while the loop waits for nothing else, such as a timer, the poll waits by itself, so
/// that a wait is one system call as well.
///
///     libevent --- timers, ...
///        '-------- SocketPoll --- SocketEvents: connections, the mailbox, UDP
///
/// Events can be gathered. Of those that one system call tells of, each that may be does the first
/// half of its work, and then one call does the rest for all of them, before anything else is
/// handled.
///
/// Belongs to the loop's thread.
class SocketPoll {
 public:
  /// For `loop`, which owns it. ResourceExhausted when the system refuses what it needs.
  static absl::StatusOr<std::unique_ptr<SocketPoll>> Create(EventLoop& loop);

  /// `finish` does the rest for the events that were gathered.
  void FinishGatheredBy(std::function<void()> finish) { finish_gathered_ = std::move(finish); }

  /// Handles none of the events that it has heard of, and leaves the waiting to libevent.
  void Break() {
    next_ = gather_next_ = ready_count_;
    goes_on_ = false;
  }

 private:
  friend class SocketEvent;

  /// How many events one system call tells of.
  static constexpr int kMaxReady = 64;

  SocketPoll(EventLoop& loop, FileDescriptor epoll) : loop_(loop), epoll_(std::move(epoll)) {}

  void OnReady(EventFlags happened);
  void HandleReady(int timeout_ms);
  void Gather();
  bool IsAlone() const;
  /// False when the system refuses.
  bool Control(int operation, int descriptor, SocketEvent& event, uint32_t wanted);
  /// Handles nothing more of what was heard for the event.
  void Forget(const SocketEvent& event);

  EventLoop& loop_;
  const FileDescriptor epoll_;
  Event ready_event_;
  std::function<void()> finish_gathered_;
  std::array<epoll_event, kMaxReady> ready_ = {};  // of an event that was removed meanwhile: null
  size_t ready_count_ = 0;
  size_t next_ = 0;
  size_t gather_next_ = 0;
  bool goes_on_ = false;  // until Break
};

/// What one descriptor is waited for. Belongs to the loop's thread, and is removed when destroyed,
/// which may be within its own handler.
class SocketEvent {
 public:
  SocketEvent() = default;
  SocketEvent(const SocketEvent&) = delete;
  SocketEvent& operator=(const SocketEvent&) = delete;
  ~SocketEvent() { Remove(); }

  /// Says what the event means from now on: `Method` of `target` is called whenever what is wanted
  /// of `descriptor` is there, and told what is if it takes an argument. Where input is there and
  /// nothing else, `Gather` is asked first, which returns a Gathered. Not while armed.
  template <auto Method, auto Gather = nullptr, typename Target>
  void Assign(EventLoop& loop, int descriptor, Target* target) {
    QUARRY_DCHECK(!armed());
    poll_ = &loop.socket_poll();
    descriptor_ = descriptor;
    target_ = target;
    handle_ = [](void* assigned, uint32_t happened) {
      auto* const self = static_cast<Target*>(assigned);
      if constexpr (std::is_invocable_v<decltype(Method), Target*, uint32_t>) {
        (self->*Method)(happened);
      } else {
        (self->*Method)();
      }
    };
    if constexpr (!std::is_null_pointer_v<decltype(Gather)>) {
      gather_ = [](void* assigned) {
        return (static_cast<Target*>(assigned)->*Gather)();
      };
    } else {
      gather_ = nullptr;
    }
  }

  /// From now on wants `wanted` in place of what it wanted before: EPOLLIN or EPOLLOUT, and news of
  /// it alone with EPOLLET. Errors and the end of both directions are told in any case, and what
  /// has been heard of already may still be. False when the system refuses.
  [[nodiscard]] bool Want(uint32_t wanted);

  /// Disarms the event; nothing happens when it is not armed.
  void Remove();

  /// What it wants; 0 when it is not armed.
  uint32_t wanted() const { return wanted_; }
  bool armed() const { return wanted_ != 0; }

 private:
  friend class SocketPoll;

  void (*handle_)(void* target, uint32_t happened) = nullptr;
  Gathered (*gather_)(void* target) = nullptr;
  void* target_ = nullptr;
  SocketPoll* poll_ = nullptr;
  int descriptor_ = -1;
  uint32_t wanted_ = 0;
};

}  // namespace quarry::net
