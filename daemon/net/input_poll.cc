#include "daemon/net/input_poll.h"

#include <cerrno>
#include <span>
#include <utility>

#include <absl/status/status.h>

#include "daemon/net/socket_calls.h"

namespace quarry::net {

absl::StatusOr<std::unique_ptr<InputPoll>> InputPoll::Create(EventLoop& loop) {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return absl::ErrnoToStatus(errno, "epoll");
  }
  std::unique_ptr<InputPoll> poll(new InputPoll(loop, std::move(epoll)));
  poll->ready_event_.Assign<&InputPoll::OnReady>(loop, poll->epoll_.value(), EV_READ | EV_PERSIST,
                                                 poll.get());
  if (!poll->ready_event_.Add()) {
    return absl::ResourceExhaustedError("epoll: the event loop refused it");
  }
  return poll;
}

bool InputPoll::Add(InputEvent& event, int descriptor) {
  epoll_event wanted = {.events = EPOLLIN, .data = {.ptr = &event}};
  return epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, descriptor, &wanted) == 0;
}

void InputPoll::Remove(const InputEvent& event, int descriptor) {
  QUARRY_CHECK(epoll_ctl(epoll_.value(), EPOLL_CTL_DEL, descriptor, nullptr) == 0);
  for (epoll_event& ready : std::span(ready_).first(ready_count_).subspan(next_)) {
    if (ready.data.ptr == &event) {
      ready.data.ptr = nullptr;
    }
  }
}

/// True while libevent has no other event to wait for, and none to handle.
inline bool InputPoll::IsAlone() const {
  constexpr unsigned kArmedOrDue = EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE;
  return event_base_get_num_events(loop_.base(), kArmedOrDue) == 1;
}

void InputPoll::OnReady(EventFlags) {
  goes_on_ = true;
  HandleReady(0);
  while (goes_on_ && IsAlone()) {
    HandleReady(-1);
  }
}

void InputPoll::HandleReady(int timeout_ms) {
  const int count = WaitForEvents(epoll_.value(), ready_, timeout_ms);
  QUARRY_CHECK(count >= 0 || errno == EINTR);
  ready_count_ = count > 0 ? static_cast<size_t>(count) : 0;
  next_ = 0;
  while (next_ < ready_count_) {
    const auto* const event = static_cast<const InputEvent*>(ready_[next_++].data.ptr);
    if (event != nullptr) {
      event->handle_(event->target_);  // which may destroy it
    }
  }
}

}  // namespace quarry::net
