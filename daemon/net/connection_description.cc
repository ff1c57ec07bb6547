// What others are told of a connection.

#include "daemon/net/connection.h"
#include "daemon/net/socket_address.h"

namespace quarry::net {

command::ConnectionInfo Connection::Describe(uint32_t now_sec) const {
  const SocketAddress local = SocketAddress::Local(stream_.socket());
  // The peer of a UNIX socket has no name of its own as a rule.
  const SocketAddress peer = local.is_unix() ? local : SocketAddress::Peer(stream_.socket());
  const uint32_t last_active_sec = last_active_sec_.load(std::memory_order_relaxed);
  return {.descriptor = stream_.socket(),
          .address = peer.Describe(),
          .listen_address = local.Describe(),
          .state = WordOf(shown_.load(std::memory_order_relaxed)),
          .idle_sec = now_sec > last_active_sec ? now_sec - last_active_sec : 0};
}

const char* Connection::EndReason() const {
  if (stream_.broken() || stream_.error() != 0 || stream_.is_tls_violated()) {
    return "error";
  }
  if (was_idle_) {
    return "idle_timeout";
  }
  return draining_ ? "shutdown" : "normal";
}

const char* Connection::WordOf(Shown shown) {
  switch (shown) {
    case Shown::kRead:
      return "conn_read";
    case Shown::kPartlyRead:
      return "conn_nread";
    case Shown::kWrite:
      return "conn_mwrite";
    case Shown::kWatch:
      return "conn_watch";
    case Shown::kExecute:
      return "conn_parse_cmd";
    case Shown::kClosing:
      break;
  }
  return "conn_closing";
}

}  // namespace quarry::net
