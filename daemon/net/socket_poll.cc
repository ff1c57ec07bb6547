#include "daemon/net/socket_poll.h"

#include <cerrno>
#include <span>
#include <utility>

#include <absl/status/status.h>

#include "daemon/net/socket_calls.h"

namespace quarry::net {

absl::StatusOr<std::unique_ptr<SocketPoll>> SocketPoll::Create(EventLoop& loop) {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return absl::ErrnoToStatus(errno, "epoll");
  }
  std::unique_ptr<SocketPoll> poll(new SocketPoll(loop, std::move(epoll)));
  poll->ready_event_.Assign<&SocketPoll::OnReady>(loop, poll->epoll_.value(), EV_READ | EV_PERSIST,
                                                  poll.get());
  if (!poll->ready_event_.Add()) {
    return absl::ResourceExhaustedError("epoll: the event loop refused it");
  }
  return poll;
}

bool SocketPoll::Control(int operation, int descriptor, SocketEvent& event, uint32_t wanted) {
  epoll_event told = {.events = wanted, .data = {.ptr = &event}};
  return epoll_ctl(epoll_.value(), operation, descriptor, &told) == 0;
}

void SocketPoll::Forget(const SocketEvent& event) {
  for (epoll_event& ready : std::span(ready_).first(ready_count_).subspan(next_)) {
    if (ready.data.ptr == &event) {
      ready.data.ptr = nullptr;
    }
  }
}

bool SocketEvent::Want(uint32_t wanted) {
  QUARRY_DCHECK(wanted != 0);
  const bool succeeded =
      wanted == wanted_ ||
      poll_->Control(armed() ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor_, *this, wanted);
  if (succeeded) {
    wanted_ = wanted;
  }
  return succeeded;
}

void SocketEvent::Remove() {
  if (armed()) {
    wanted_ = 0;
    QUARRY_CHECK(poll_->Control(EPOLL_CTL_DEL, descriptor_, *this, 0));
    poll_->Forget(*this);
  }
}

/// True while libevent has no other event to wait for, and none to handle.
inline bool SocketPoll::IsAlone() const {
  constexpr unsigned kArmedOrDue = EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE;
  return event_base_get_num_events(loop_.base(), kArmedOrDue) == 1;
}

void SocketPoll::OnReady(EventFlags) {
  goes_on_ = true;
  HandleReady(0);
  while (goes_on_ && IsAlone()) {
    HandleReady(-1);
  }
}

void SocketPoll::HandleReady(int timeout_ms) {
  const int count = WaitForEvents(epoll_.value(), ready_, timeout_ms);
  QUARRY_CHECK(count >= 0 || errno == EINTR);
  ready_count_ = count > 0 ? static_cast<size_t>(count) : 0;
  next_ = 0;
  gather_next_ = 0;
  for (;;) {
    if (next_ >= gather_next_) {
      Gather();
    }
    if (next_ >= ready_count_) {
      return;
    }
    const epoll_event& ready = ready_[next_++];
    const auto* const event = static_cast<const SocketEvent*>(ready.data.ptr);
    if (event != nullptr) {
      event->handle_(event->target_, ready.events);  // which may destroy it
    }
  }
}

/// Gathers of the events that are left as many as there is room for, and finishes them.
void SocketPoll::Gather() {
  bool has_taken = false;
  for (; gather_next_ < ready_count_; ++gather_next_) {
    epoll_event& ready = ready_[gather_next_];
    const auto* const event = static_cast<const SocketEvent*>(ready.data.ptr);
    if (event == nullptr || event->gather_ == nullptr || ready.events != EPOLLIN) {
      continue;
    }
    const Gathered gathered = event->gather_(event->target_);
    if (gathered == Gathered::kFull) {
      break;
    }
    if (gathered == Gathered::kTaken) {
      has_taken = true;
      ready.data.ptr = nullptr;
    }
  }
  if (has_taken) {
    finish_gathered_();
  }
}

}  // namespace quarry::net
