#include "daemon/net/event.h"

#include <absl/status/status.h>

#include "daemon/net/socket_poll.h"

namespace quarry::net {

EventLoop::EventLoop(event_base* base) : base_(base) {}

EventLoop::~EventLoop() = default;

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  struct FreeConfig {
    void operator()(event_config* config) const { event_config_free(config); }
  };
  const std::unique_ptr<event_config, FreeConfig> config(event_config_new());
  // Epoll alone has edge-triggered events, and is meant; no environment variable may choose another
  // method. libevent's own reading of the clock is that of the moment at which it began to handle
  // events, and the socket poll may have waited for long since then.
  constexpr int kFlags =
      EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV | EVENT_BASE_FLAG_NO_CACHE_TIME;
  if (config == nullptr || event_config_set_flag(config.get(), kFlags) != 0 ||
      event_config_require_features(config.get(), EV_FEATURE_ET) != 0) {
    return absl::ResourceExhaustedError("event loop: no memory for its configuration");
  }
  event_base* base = event_base_new_with_config(config.get());
  if (base == nullptr) {
    return absl::ResourceExhaustedError("event loop: the system refused one");
  }
  std::unique_ptr<EventLoop> loop(new EventLoop(base));
  auto socket_poll = SocketPoll::Create(*loop);
  if (!socket_poll.ok()) {
    return socket_poll.status();
  }
  loop->socket_poll_ = *std::move(socket_poll);
  return loop;
}

void EventLoop::Run() {
  QUARRY_CHECK(event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY) != -1);
}

void EventLoop::Break() {
  QUARRY_CHECK(event_base_loopbreak(base_.get()) == 0);
  socket_poll_->Break();
}

}  // namespace quarry::net
