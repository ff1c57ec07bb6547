#include "daemon/net/connection_events.h"

#include <system_error>

#include "daemon/net/socket_address.h"

namespace quarry::net {
namespace {

void AddEnds(command::EventLine& line, int socket) {
  const SocketAddress peer = SocketAddress::Peer(socket);
  const bool is_unix = SocketAddress::Local(socket).is_unix();
  line.Word("rip", is_unix ? "unix" : peer.host());
  line.Number("rport", peer.port());
  line.Word("transport", is_unix ? "local" : "tcp");
}

}  // namespace

void TellConnectionBegan(command::EventLog& log, command::EventRing& ring, int socket) {
  if (!log.IsWatched(command::kConnectionEvents)) {
    return;
  }
  command::EventLine line = log.NewLine("conn_new");
  AddEnds(line, socket);
  line.Number("cfd", socket);
  command::EventLog::Write(ring, command::kConnectionEvents, line);
}

void TellConnectionEnded(command::EventLog& log, command::EventRing& ring, int socket,
                         std::string_view reason) {
  if (!log.IsWatched(command::kConnectionEvents)) {
    return;
  }
  command::EventLine line = log.NewLine("conn_close");
  AddEnds(line, socket);
  line.Word("reason", reason).Number("cfd", socket);
  command::EventLog::Write(ring, command::kConnectionEvents, line);
}

void TellFailure(command::EventLog& log, command::EventRing& ring, std::string_view failure,
                 int socket, std::string_view message) {
  if (!log.IsWatched(command::kConnectionEvents)) {
    return;
  }
  command::EventLine line = log.NewLine(failure);
  line.Number("fd", socket).Word("msg", message);
  command::EventLog::Write(ring, command::kConnectionEvents, line);
}

void TellFailureOf(command::EventLog& log, command::EventRing& ring, const Stream& stream) {
  if (!log.IsWatched(command::kConnectionEvents)) {
    return;
  }
  if (stream.is_tls_violated()) {
    TellFailure(log, ring, kTlsFailure, stream.socket(), stream.TlsViolation());
  } else if (stream.error() != 0) {
    TellFailure(log, ring, kSocketFailure, stream.socket(),
                std::system_category().message(stream.error()));
  }
}

}  // namespace quarry::net
