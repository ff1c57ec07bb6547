#pragma once

#include <string>
#include <vector>

#include <absl/status/status.h>

#include "daemon/net/server.h"

namespace quarry::daemon {

/// Writes the ports listened on for a launcher that asked for any free one, as memcached does for
/// $MEMCACHED_PORT_FILENAME: lines `TCP INET: <port>` and `TCP INET6: <port>`, and such of UDP.
/// Whoever waits for the file never sees a part of it.
absl::Status WritePortFile(const std::string& path, const std::vector<net::ListenAddress>& tcp,
                           const std::vector<net::ListenAddress>& udp);

}  // namespace quarry::daemon
