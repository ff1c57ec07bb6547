#include "daemon/net/connection_events.h"

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

}  // namespace quarry::net
