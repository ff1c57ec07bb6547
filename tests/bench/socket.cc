#include "tests/bench/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace quarry::bench {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool UnixAddress(const std::string& path, SocketAddress* address, std::string* error) {
  sockaddr_un local{};
  if (path.size() >= sizeof(local.sun_path)) {
    *error = "the path of the Unix socket is too long";
    return false;
  }
  local.sun_family = AF_UNIX;
  path.copy(local.sun_path, path.size());
  std::memcpy(&address->storage, &local, sizeof(local));
  address->size = sizeof(local);
  return true;
}

bool TcpAddress(const ServerAddress& server, SocketAddress* address, std::string* error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(server.port);
  const int status = getaddrinfo(server.host.c_str(), port.c_str(), &hints, &found);
  if (status != 0) {
    *error = server.host + ": " + gai_strerror(status);
    return false;
  }
  std::memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
  address->size = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}

}  // namespace

int Connect(const ServerAddress& server, std::string* error) {
  const bool is_unix = !server.unix_path.empty();
  SocketAddress address;
  if (!(is_unix ? UnixAddress(server.unix_path, &address, error)
                : TcpAddress(server, &address, error))) {
    return -1;
  }
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  const bool connected =
      fd >= 0 &&
      connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 &&
      (is_unix || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0) &&
      fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
  if (connected) {
    return fd;
  }
  *error = "cannot connect: " + std::generic_category().message(errno);
  if (fd >= 0) {
    close(fd);
  }
  return -1;
}

}  // namespace quarry::bench
