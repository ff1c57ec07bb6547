#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>

namespace quarry::daemon {

/// Tells the service manager about the state of the server, by the protocol of sd_notify(3): one
/// datagram with lines as READY=1. Written out here since it is a few lines, and linking libsystemd
/// would map its compression and cryptography libraries into the process for them.
class SystemdNotifier {
 public:
  /// `socket` is the value of $NOTIFY_SOCKET: a path, or @ and a name in the abstract namespace.
  /// Empty: nobody is told.
  explicit SystemdNotifier(std::string socket) : socket_(std::move(socket)) {}

  /// `status` is free text for `systemctl status`.
  absl::Status Ready(const std::string& status) const;
  absl::Status Stopping(const std::string& status) const;

 private:
  absl::Status Send(std::string_view message) const;

  std::string socket_;
};

}  // namespace quarry::daemon
