#include "daemon/net/bind.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <absl/cleanup/cleanup.h>

#include "daemon/net/socket_address.h"

namespace quarry::net {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using ResolvedAddresses = std::unique_ptr<addrinfo, FreeAddresses>;

absl::StatusOr<ResolvedAddresses> Resolve(const ListenAddress& address) {
  addrinfo hints = {};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  const bool any = address.host.empty() || address.host == "*";
  addrinfo* found = nullptr;
  const int result = getaddrinfo(any ? nullptr : address.host.c_str(),
                                 std::to_string(address.port).c_str(), &hints, &found);
  if (result != 0) {
    const std::string where = JoinHostPort(address.host, address.port);
    return result == EAI_SYSTEM ? absl::ErrnoToStatus(errno, where)
                                : absl::InvalidArgumentError(where + ": " + gai_strerror(result));
  }
  return ResolvedAddresses(found);
}

/// True when `error` means that the system does not speak the address's family. Where IPv6 is
/// turned off by a setting, it shows only in that not even the loopback address is there.
bool IsMissingFamily(int error, const addrinfo& address) {
  if (error != EADDRNOTAVAIL || address.ai_family != AF_INET6) {
    return error == EAFNOSUPPORT;
  }
  const in6_addr& host = reinterpret_cast<const sockaddr_in6*>(address.ai_addr)->sin6_addr;
  return IN6_IS_ADDR_UNSPECIFIED(&host) || IN6_IS_ADDR_LOOPBACK(&host);
}

bool SetFlag(int socket, int level, int option) {
  const int on = 1;
  return setsockopt(socket, level, option, &on, sizeof(on)) == 0;
}

/// How sockets are made: for TCP with a backlog, or for UDP.
struct Transport {
  int type = SOCK_STREAM;
  int backlog = 0;

  bool is_udp() const { return type == SOCK_DGRAM; }
};

/// A reply of many datagrams needs room in the socket. The system may give less.
bool EnlargeSendBuffer(int socket) {
  const int bytes = 4 << 20;
  return setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) == 0;
}

/// What accepted sockets inherit is set here once: TCP_NODELAY and keep-alive.
bool Configure(int socket, int family, const Transport& transport) {
  const bool for_transport = transport.is_udp() ? EnlargeSendBuffer(socket)
                                                : SetFlag(socket, SOL_SOCKET, SO_REUSEADDR) &&
                                                      SetFlag(socket, SOL_SOCKET, SO_KEEPALIVE) &&
                                                      SetFlag(socket, IPPROTO_TCP, TCP_NODELAY);
  return for_transport && (family != AF_INET6 || SetFlag(socket, IPPROTO_IPV6, IPV6_V6ONLY));
}

void SetPort(sockaddr* address, uint16_t port) {
  if (address->sa_family == AF_INET) {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  } else if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
  }
}

/// Nothing, with the reason in errno, when a step fails.
FileDescriptor BindOne(const addrinfo& address, const Transport& transport) {
  FileDescriptor socket(
      ::socket(address.ai_family, transport.type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || !Configure(socket.value(), address.ai_family, transport) ||
      bind(socket.value(), address.ai_addr, address.ai_addrlen) != 0 ||
      (!transport.is_udp() && listen(socket.value(), transport.backlog) != 0)) {
    const int error = errno;
    socket = FileDescriptor();
    errno = error;
  }
  return socket;
}

/// The same, with `port` tried first where the address leaves the choice open.
FileDescriptor BindPreferring(uint16_t port, const addrinfo& address, const Transport& transport) {
  if (port != 0) {
    SetPort(address.ai_addr, port);
    FileDescriptor socket = BindOne(address, transport);
    if (socket || errno != EADDRINUSE) {
      return socket;
    }
    SetPort(address.ai_addr, 0);
  }
  return BindOne(address, transport);
}

/// Adds a socket for each of a name's addresses, except those whose family is missing. The error of
/// the first that cannot be bound for another reason, else 0. `chosen_port` is null where the
/// addresses have a port; otherwise it is the port that the system chose, or 0 before it did.
int BindResolved(addrinfo& first, const Transport& transport, uint16_t* chosen_port,
                 std::vector<FileDescriptor>& sockets) {
  for (addrinfo* next = &first; next != nullptr; next = next->ai_next) {
    const uint16_t preferred_port = chosen_port == nullptr ? uint16_t{0} : *chosen_port;
    FileDescriptor socket = BindPreferring(preferred_port, *next, transport);
    if (!socket && !IsMissingFamily(errno, *next)) {
      return errno;
    }
    if (!socket) {
      continue;
    }
    if (chosen_port != nullptr && *chosen_port == 0) {
      *chosen_port = SocketAddress::Local(socket.value()).port();
    }
    sockets.push_back(std::move(socket));
  }
  return 0;
}

/// The device and inode of `path` if it is a socket.
std::optional<struct stat> SocketFile(const std::string& path) {
  struct stat file = {};
  if (lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) {
    return std::nullopt;
  }
  return file;
}

/// Removes the file of a socket whose owner is gone, so that bind can succeed. The error if this
/// user may not remove it, or not find out, else 0.
int RemoveStaleSocket(const std::string& path, const sockaddr_un& address) {
  if (!SocketFile(path).has_value()) {
    return 0;
  }
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe ||
      connect(probe.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return 0;
  }
  if (errno == ECONNREFUSED && unlink(path.c_str()) == 0) {
    return 0;
  }
  return errno == EACCES || errno == EPERM ? errno : 0;  // another failure shows in bind
}

constexpr int kLockTries = 100;
constexpr std::chrono::milliseconds kLockPause{10};

/// Keeps servers that start at once from removing each other's socket: each holds the directory
/// from its look at the file until it listens. Nothing is locked where the directory may not be
/// read, or where somebody keeps it locked who has no such reason.
FileDescriptor LockDirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  FileDescriptor lock(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int tries = 0; lock && flock(lock.value(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK || tries == kLockTries) {
      return FileDescriptor();
    }
    std::this_thread::sleep_for(kLockPause);
  }
  return lock;
}

absl::StatusOr<std::vector<BoundSocket>> BindAll(std::span<const ListenAddress> addresses,
                                                 const Transport& transport,
                                                 bool missing_family_is_fine) {
  std::vector<BoundSocket> sockets;
  uint16_t chosen_port = 0;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const ListenAddress& address = addresses[i];
    absl::StatusOr<ResolvedAddresses> resolved = Resolve(address);
    if (!resolved.ok()) {
      return resolved.status();
    }
    std::vector<FileDescriptor> bound;
    const int error =
        BindResolved(**resolved, transport, address.port == 0 ? &chosen_port : nullptr, bound);
    const bool is_missing = bound.empty() && error == 0;
    if (error != 0 || (is_missing && !missing_family_is_fine)) {
      return absl::ErrnoToStatus(is_missing ? EAFNOSUPPORT : error,
                                 JoinHostPort(address.host, address.port));
    }
    for (FileDescriptor& socket : bound) {
      sockets.push_back({std::move(socket), i});
    }
  }
  if (sockets.empty() && !addresses.empty()) {
    return absl::UnavailableError("no address to listen on is of a family that the system has");
  }
  return sockets;
}

}  // namespace

absl::StatusOr<std::vector<BoundSocket>> BindTcp(std::span<const ListenAddress> addresses,
                                                 int backlog, bool missing_family_is_fine) {
  return BindAll(addresses, {.type = SOCK_STREAM, .backlog = backlog}, missing_family_is_fine);
}

absl::StatusOr<std::vector<BoundSocket>> BindUdp(std::span<const ListenAddress> addresses,
                                                 bool missing_family_is_fine) {
  return BindAll(addresses, {.type = SOCK_DGRAM}, missing_family_is_fine);
}

absl::StatusOr<UnixListenSocket> UnixListenSocket::Bind(const std::string& path, uint32_t mode,
                                                        int backlog) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(path + ": a socket's path has 1 to " +
                                      std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  path.copy(address.sun_path, path.size());
  const FileDescriptor lock = LockDirectoryOf(path);
  if (const int error = RemoveStaleSocket(path, address); error != 0) {
    return absl::ErrnoToStatus(error, path + ": another socket is in its place");
  }

  UnixListenSocket bound;
  bound.socket_ = FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!bound.socket_) {
    return absl::ErrnoToStatus(errno, path);
  }
  {
    // There is no moment at which the file has wider permissions than it shall have.
    const mode_t umask_before = umask(~mode & 0777U);
    const absl::Cleanup restore = [umask_before] {
      umask(umask_before);
    };
    if (bind(bound.socket_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
        0) {
      return absl::ErrnoToStatus(errno, path);
    }
  }
  bound.path_ = path;
  if (const auto file = SocketFile(path)) {
    bound.device_ = file->st_dev;
    bound.inode_ = file->st_ino;
  }
  if (listen(bound.socket_.value(), backlog) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  return bound;
}

UnixListenSocket::UnixListenSocket(UnixListenSocket&& other) noexcept
    : socket_(std::move(other.socket_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

UnixListenSocket::~UnixListenSocket() {
  Remove().IgnoreError();
}

absl::Status UnixListenSocket::Remove() {
  const std::string path = std::exchange(path_, {});
  struct stat file = {};
  if (path.empty()) {
    return absl::OkStatus();
  }
  const bool is_there = lstat(path.c_str(), &file) == 0;
  if (is_there && (file.st_dev != device_ || file.st_ino != inode_)) {
    return absl::OkStatus();
  }
  if ((!is_there || unlink(path.c_str()) != 0) && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, "removing " + path);
  }
  return absl::OkStatus();
}

}  // namespace quarry::net
