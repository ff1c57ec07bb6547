#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "daemon/command/server_status.h"
#include "daemon/net/accepted.h"
#include "daemon/net/event.h"

namespace quarry::net {

/// The new connections of one worker whose TLS handshake is not done. Nothing of a client is
/// executed before; a handshake that fails, or takes too long, ends its connection. Steps of
/// handshakes are costly, so the loop gets to its other events between any two of them. Belongs to
/// the worker's thread.
class TlsHandshakes {
 public:
  struct Options {
    uint32_t limit_ms = 0;  ///< a handshake that takes longer is given up
    bool count_sessions = false;
    /// Is told why a handshake came to nothing.
    std::function<void(int socket, std::string_view reason)> tell_failure;
    /// Takes a connection whose handshake is done.
    std::function<void(Accepted)> sink;
  };

  /// `loop` and `counters` outlive the object.
  TlsHandshakes(EventLoop& loop, command::ConnectionCounters& counters, Options options);
  ~TlsHandshakes();
  TlsHandshakes(const TlsHandshakes&) = delete;
  TlsHandshakes& operator=(const TlsHandshakes&) = delete;

  /// Begins the handshake of `accepted`, which has a TLS channel and counts as current; one that
  /// comes to nothing is counted out.
  void Begin(Accepted accepted);

  /// Closes all of them, and takes no more.
  void CloseAll();

 private:
  class Pending;

  void Enqueue(uint64_t id);
  void OnDue(EventFlags happened);
  void TakeStep(uint64_t id);
  void Finish(uint64_t id);
  void GiveUp(uint64_t id, std::string_view reason);
  void Drop(uint64_t id);

  EventLoop& loop_;
  command::ConnectionCounters& counters_;
  const Options options_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Pending>> pending_;
  std::deque<uint64_t> due_;  // whose sockets are ready; some may have ended meanwhile
  Event due_event_;
  uint64_t next_id_ = 1;
  bool closed_ = false;
};

}  // namespace quarry::net
