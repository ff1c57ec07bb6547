#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "daemon/command/server_status.h"
#include "daemon/net/accepted.h"
#include "daemon/net/event.h"
#include "daemon/net/file_descriptor.h"

namespace quarry::net {

/// Accepts connections on one bound socket, at most max_connections of them over all listeners, and
/// hands them on. What comes beyond that is rejected, or accepting pauses. Belongs to the thread of
/// its loop; Describe is for any thread.
class Listener {
 public:
  /// Takes a new, non-blocking connection, which counts as current from now on.
  using Sink = std::function<void(Accepted)>;
  using Warn = std::function<void(std::string_view)>;

  struct Options {
    const ListenerTraits* traits = nullptr;  ///< outlives the connections
    uint32_t max_connections = 1024;         ///< of all listeners together
    bool reject_beyond_limit = true;         ///< else they wait in the backlog
    Sink sink;
    Warn warn;                               ///< is told of trouble, once; may be empty
    command::EventLog* event_log = nullptr;  ///< is told of each connection that cannot be
  };

  /// `loop` and `counters`, which all listeners share, outlive the listener.
  Listener(EventLoop& loop, command::ConnectionCounters& counters, FileDescriptor socket,
           Options options);

  /// Begins to accept; connections that came before have waited in the backlog. False when the
  /// event loop refuses.
  [[nodiscard]] bool Start();

  /// Accepts what has been connected until now, and then no more.
  void Finish();

  int socket() const { return socket_.value(); }
  const ListenerTraits& traits() const { return *options_.traits; }
  command::ConnectionInfo Describe() const;

 private:
  /// Whether the backlog may hold more.
  enum class Backlog : bool {
    kPerhaps,
    kEmpty,
  };

  void OnReadable(EventFlags happened);
  void OnPauseOver(EventFlags happened);
  Backlog AcceptOne();
  void Reject(FileDescriptor connection);
  bool MustWait() const;
  void WarnOnce(int error);
  void Tell(int socket, std::string_view message);
  void Pause();

  command::ConnectionCounters& counters_;
  const FileDescriptor socket_;
  const Options options_;
  Event readable_;
  Event pause_over_;
  std::chrono::steady_clock::time_point paused_at_;
  bool is_paused_ = false;
  bool warned_ = false;
};

}  // namespace quarry::net
