#pragma once

#include <string_view>

#include "daemon/command/event_log.h"

namespace quarry::net {

/// Tells those who watch connections that one has begun, or has ended for `reason`: "normal",
/// "error", "idle_timeout" or "shutdown". `socket` is still open. On the thread of `ring`.
void TellConnectionBegan(command::EventLog& log, command::EventRing& ring, int socket);
void TellConnectionEnded(command::EventLog& log, command::EventRing& ring, int socket,
                         std::string_view reason);

}  // namespace quarry::net
