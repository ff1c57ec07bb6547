#include "daemon/net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstring>

namespace quarry::net {
namespace {

/// The address as its family declares it. A copy: reading through a cast pointer is undefined.
template <typename FamilyAddress>
FamilyAddress As(const sockaddr_storage& storage) {
  FamilyAddress address = {};
  static_assert(sizeof(address) <= sizeof(storage));
  std::memcpy(&address, &storage, sizeof(address));
  return address;
}

}  // namespace

SocketAddress SocketAddress::Local(int socket) {
  SocketAddress address;
  socklen_t size = sizeof(address.storage_);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage_), &size) != 0) {
    address.storage_ = {};
  }
  return address;
}

SocketAddress SocketAddress::Peer(int socket) {
  SocketAddress address;
  socklen_t size = sizeof(address.storage_);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address.storage_), &size) != 0) {
    address.storage_ = {};
  }
  return address;
}

ssize_t SocketAddress::ReceiveFrom(int socket, std::span<char> room) {
  size_ = sizeof(storage_);
  return recvfrom(socket, room.data(), room.size(), MSG_DONTWAIT,
                  reinterpret_cast<sockaddr*>(&storage_), &size_);
}

ssize_t SocketAddress::SendTo(int socket, std::span<iovec> pieces) const {
  sockaddr_storage address = storage_;
  msghdr message = {};
  message.msg_name = &address;
  message.msg_namelen = size_;
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool SocketAddress::is_loopback() const {
  if (storage_.ss_family == AF_INET) {
    constexpr unsigned kHostBits = 24;
    return ntohl(As<sockaddr_in>(storage_).sin_addr.s_addr) >> kHostBits == IN_LOOPBACKNET;
  }
  const auto address = As<sockaddr_in6>(storage_);
  return is_v6() && IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

uint16_t SocketAddress::port() const {
  switch (storage_.ss_family) {
    case AF_INET:
      return ntohs(As<sockaddr_in>(storage_).sin_port);
    case AF_INET6:
      return ntohs(As<sockaddr_in6>(storage_).sin6_port);
    default:
      return 0;
  }
}

std::string SocketAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  switch (storage_.ss_family) {
    case AF_INET: {
      const in_addr address = As<sockaddr_in>(storage_).sin_addr;
      return inet_ntop(AF_INET, &address, text.data(), text.size());
    }
    case AF_INET6: {
      const in6_addr address = As<sockaddr_in6>(storage_).sin6_addr;
      return inet_ntop(AF_INET6, &address, text.data(), text.size());
    }
    case AF_UNIX: {
      // A path may fill sun_path to its end, without a terminator.
      const auto address = As<sockaddr_un>(storage_);
      return {address.sun_path, strnlen(address.sun_path, sizeof(address.sun_path))};
    }
    default:
      return {};
  }
}

std::string SocketAddress::Describe() const {
  switch (storage_.ss_family) {
    case AF_INET:
      return "tcp:" + JoinHostPort(host(), port());
    case AF_INET6:
      return "tcp6:" + JoinHostPort(host(), port());
    case AF_UNIX:
      return "unix:" + host();
    default:
      return "unknown";
  }
}

std::string JoinHostPort(std::string_view host, uint16_t port) {
  std::string text(host);
  if (host.find(':') != std::string_view::npos) {
    text = "[" + text + "]";
  }
  return text + ":" + std::to_string(port);
}

}  // namespace quarry::net
