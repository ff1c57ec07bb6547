#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/net/tls_options.h"
#include "protocol/parser.h"

namespace quarry::net {

/// What the clients of one listener have in common.
struct ListenerTraits {
  std::optional<TlsVerify> tls;                  ///< absent: plain
  std::optional<protocol::AcceptedForms> forms;  ///< absent: those of the server
  std::string tag;  ///< the operator's name for the listener; empty: none

  bool operator==(const ListenerTraits&) const = default;
};

/// A TCP address to listen on. Port 0 lets the system choose one.
struct ListenAddress {
  std::string host;  ///< a name or an address, without brackets; "" or "*": every address
  uint16_t port = 0;
  ListenerTraits traits = {};

  bool operator==(const ListenAddress&) const = default;
};

}  // namespace quarry::net
