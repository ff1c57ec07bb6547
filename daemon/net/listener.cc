#include "daemon/net/listener.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "daemon/net/connection_events.h"
#include "daemon/net/socket_address.h"
#include "protocol/error.h"

namespace quarry::net {
namespace {

/// How many connections one turn accepts, so that signals and other listeners have theirs as well.
constexpr int kMaxAcceptsPerTurn = 64;

/// How long accepting rests when connections, descriptors or memory have run out.
constexpr timeval kPause = {.tv_sec = 0, .tv_usec = 20'000};

}  // namespace

Listener::Listener(EventLoop& loop, command::ConnectionCounters& counters, FileDescriptor socket,
                   Options options)
    : counters_(counters), socket_(std::move(socket)), options_(std::move(options)) {
  readable_.Assign<&Listener::OnReadable>(loop, socket_.value(), EV_READ | EV_PERSIST, this);
  pause_over_.Assign<&Listener::OnPauseOver>(loop, -1, 0, this);
}

bool Listener::Start() {
  return readable_.Add();
}

void Listener::Finish() {
  readable_.Remove();
  pause_over_.Remove();
  // A flood of connections cannot hold up the end: the backlog bounds what had come by now.
  for (int accepted = 0; accepted < SOMAXCONN && AcceptOne() == Backlog::kPerhaps; ++accepted) {
  }
  pause_over_.Remove();
}

command::ConnectionInfo Listener::Describe() const {
  return {.descriptor = socket_.value(),
          .address = SocketAddress::Local(socket_.value()).Describe(),
          .listen_address = {},
          .state = "conn_listening",
          .idle_sec = 0};
}

void Listener::OnReadable(EventFlags) {
  for (int accepted = 0; accepted < kMaxAcceptsPerTurn; ++accepted) {
    if (AcceptOne() == Backlog::kEmpty) {
      return;
    }
  }
}

bool Listener::MustWait() const {
  return !options_.reject_beyond_limit &&
         counters_.current.load(std::memory_order_relaxed) >= options_.max_connections;
}

Listener::Backlog Listener::AcceptOne() {
  if (MustWait()) {
    Pause();
    return Backlog::kEmpty;
  }
  FileDescriptor connection(
      accept4(socket_.value(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (connection) {
    if (counters_.current.load(std::memory_order_relaxed) >= options_.max_connections) {
      Reject(std::move(connection));
    } else {
      counters_.current.fetch_add(1, std::memory_order_relaxed);
      counters_.total.fetch_add(1, std::memory_order_relaxed);
      options_.sink({.socket = std::move(connection), .listener = options_.traits, .tls = nullptr});
    }
    return Backlog::kPerhaps;
  }
  const int error = errno;
  switch (error) {
    case EAGAIN:
      return Backlog::kEmpty;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      Tell(socket_.value(), "accept: " + std::system_category().message(error));
      WarnOnce(error);
      Pause();
      return Backlog::kEmpty;
    default:
      // The connection broke before it was accepted, or a signal came: nothing is wrong with
      // others.
      return Backlog::kPerhaps;
  }
}

void Listener::Reject(FileDescriptor connection) {
  counters_.rejected.fetch_add(1, std::memory_order_relaxed);
  Tell(connection.value(), "too many open connections");
  if (options_.traits->tls) {
    return;  // plain text would mean nothing to the client
  }
  // The socket is new, so its buffer takes the line; if not, there is nobody to tell.
  const std::string_view line = protocol::ErrorLine(protocol::Error::kTooManyConnections);
  [[maybe_unused]] const ssize_t sent =
      send(connection.value(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Listener::Tell(int socket, std::string_view message) {
  if (options_.event_log != nullptr) {
    command::EventLog& log = *options_.event_log;
    TellFailure(log, log.shared_ring(), kSocketFailure, socket, message);
  }
}

void Listener::WarnOnce(int error) {
  if (!warned_ && options_.warn) {
    warned_ = true;
    options_.warn(
        "accept on " + SocketAddress::Local(socket_.value()).Describe() +
        " is paused for a moment whenever it fails: " + std::system_category().message(error));
  }
}

void Listener::Pause() {
  readable_.Remove();
  if (!is_paused_) {
    is_paused_ = true;
    paused_at_ = std::chrono::steady_clock::now();
    counters_.listen_pauses.fetch_add(1, std::memory_order_relaxed);
    counters_.paused_listeners.fetch_add(1, std::memory_order_relaxed);
  }
  if (!pause_over_.Add(&kPause)) {
    OnPauseOver(EV_TIMEOUT);
  }
}

void Listener::OnPauseOver(EventFlags) {
  pause_over_.Remove();
  if (MustWait() && pause_over_.Add(&kPause)) {
    return;
  }
  const auto paused_for = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - paused_at_);
  is_paused_ = false;
  counters_.listen_paused_us.fetch_add(static_cast<uint64_t>(paused_for.count()),
                                       std::memory_order_relaxed);
  counters_.paused_listeners.fetch_sub(1, std::memory_order_relaxed);
  if (!readable_.Add() && !pause_over_.Add(&kPause) && options_.warn) {
    options_.warn("accept stays off: the event loop takes no more events");
  }
}

}  // namespace quarry::net
