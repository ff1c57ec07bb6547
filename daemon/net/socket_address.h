#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace quarry::net {

/// The address of one end of a socket, of any family that the daemon serves.
class SocketAddress {
 public:
  /// The end on this machine; of an unknown family when the socket is broken.
  static SocketAddress Local(int socket);
  /// The other end; of an unknown family when it is gone.
  static SocketAddress Peer(int socket);

  bool is_unix() const { return storage_.ss_family == AF_UNIX; }

  /// 0 where the family has no ports.
  uint16_t port() const;

  /// The address without its port: "127.0.0.1", "::1", "/run/socket"; empty when it has none.
  std::string host() const;

  /// As `stats conns` names it: "tcp:127.0.0.1:11211", "tcp6:[::1]:11211", "unix:/run/socket".
  std::string Describe() const;

 private:
  sockaddr_storage storage_ = {};
};

/// "host:port", or "[host]:port" where the host has colons itself.
std::string JoinHostPort(std::string_view host, uint16_t port);

}  // namespace quarry::net
