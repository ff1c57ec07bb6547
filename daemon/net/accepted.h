#pragma once

#include <memory>

#include "daemon/net/file_descriptor.h"
#include "daemon/net/listen_address.h"
#include "daemon/net/tls_channel.h"

namespace quarry::net {

/// A connection on its way from its listener to its worker, and through its handshake.
struct Accepted {
  FileDescriptor socket;
  const ListenerTraits* listener = nullptr;  ///< outlives the connection
  std::unique_ptr<TlsChannel> tls;           ///< null: plain, or not begun
};

}  // namespace quarry::net
