#pragma once

#include <string_view>

#include "daemon/command/event_log.h"
#include "daemon/net/stream.h"

namespace quarry::net {

/// Tells those who watch connections that one has begun, or has ended for `reason`: "normal",
/// "error", "idle_timeout" or "shutdown". `socket` is still open. On the thread of `ring`.
void TellConnectionBegan(command::EventLog& log, command::EventRing& ring, int socket);
void TellConnectionEnded(command::EventLog& log, command::EventRing& ring, int socket,
                         std::string_view reason);

/// What a connection may fail at: the words of the lines.
inline constexpr std::string_view kSocketFailure = "connerr";
inline constexpr std::string_view kTlsFailure = "conntlserr";

/// Tells those who watch connections that something has failed at `socket`, a connection's or a
/// listener's. `message` is one line, without its end. On the thread of `ring`, or any thread for
/// the log's shared one.
void TellFailure(command::EventLog& log, command::EventRing& ring, std::string_view failure,
                 int socket, std::string_view message);
/// The same of a connection that ends, if it does so because it has failed.
void TellFailureOf(command::EventLog& log, command::EventRing& ring, const Stream& stream);

}  // namespace quarry::net
