#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <span>
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

  /// Of no family.
  SocketAddress() = default;

  /// Receives a datagram into `room`, and takes its sender's address. What recvfrom returns.
  ssize_t ReceiveFrom(int socket, std::span<char> room);
  /// Sends a datagram made of `pieces` to this address. What sendmsg returns.
  ssize_t SendTo(int socket, std::span<iovec> pieces) const;

  bool is_known() const { return storage_.ss_family != AF_UNSPEC; }
  bool is_unix() const { return storage_.ss_family == AF_UNIX; }
  bool is_v6() const { return storage_.ss_family == AF_INET6; }

  /// True for 127.0.0.0/8 and ::1, which no packet from another machine can bear.
  bool is_loopback() const;

  /// 0 where the family has no ports.
  uint16_t port() const;

  /// The address without its port: "127.0.0.1", "::1", "/run/socket"; empty when it has none.
  std::string host() const;

  /// As `stats conns` names it: "tcp:127.0.0.1:11211", "tcp6:[::1]:11211", "unix:/run/socket".
  std::string Describe() const;

 private:
  sockaddr_storage storage_ = {};
  socklen_t size_ = 0;  // of what a datagram's sender has
};

/// "host:port", or "[host]:port" where the host has colons itself.
std::string JoinHostPort(std::string_view host, uint16_t port);

}  // namespace quarry::net
