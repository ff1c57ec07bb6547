#include "daemon/systemd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>

namespace quarry::daemon {

absl::Status SystemdNotifier::Ready(const std::string& status) const {
  return Send(absl::StrCat("READY=1\nSTATUS=", status, "\n"));
}

absl::Status SystemdNotifier::Stopping(const std::string& status) const {
  return Send(absl::StrCat("STOPPING=1\nSTATUS=", status, "\n"));
}

absl::Status SystemdNotifier::Send(std::string_view message) const {
  if (socket_.empty()) {
    return absl::OkStatus();
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool abstract = socket_.front() == '@';
  if ((!abstract && socket_.front() != '/') || socket_.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("NOTIFY_SOCKET is no socket's path: ", socket_));
  }
  socket_.copy(address.sun_path, socket_.size());
  // An abstract name begins with a NUL and has no terminator; its length is the address's.
  if (abstract) {
    address.sun_path[0] = '\0';
  }
  const size_t address_bytes =
      offsetof(sockaddr_un, sun_path) + socket_.size() + (abstract ? 0 : 1);

  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, "opening a socket to the service manager");
  }
  const absl::Cleanup close_descriptor = [descriptor] {
    close(descriptor);
  };
  // The sockets API takes every kind of address as a sockaddr.
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL, generic,
             static_cast<socklen_t>(address_bytes)) < 0) {
    return absl::ErrnoToStatus(errno, "telling the service manager");
  }
  return absl::OkStatus();
}

}  // namespace quarry::daemon
