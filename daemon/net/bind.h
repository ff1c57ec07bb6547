#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/net/file_descriptor.h"
#include "daemon/net/listen_address.h"

namespace quarry::net {

/// A listening socket, and which of the addresses asked for it is bound to.
struct BoundSocket {
  FileDescriptor socket;
  size_t address_index = 0;
};

/// Binds and listens on every address that `addresses` name; the sockets are non-blocking. Port 0
/// lets the system choose a port once, and the other addresses with port 0 get the same one where
/// it is free. Of a name's several addresses, those of a family that the system lacks are left out;
/// if none remains, that is an error unless `missing_family_is_fine`. Errors read
/// "127.0.0.1:11211: Address already in use".
absl::StatusOr<std::vector<BoundSocket>> BindTcp(std::span<const ListenAddress> addresses,
                                                 int backlog, bool missing_family_is_fine);

/// The same for UDP: the sockets are bound, and have as large a send buffer as the system gives.
absl::StatusOr<std::vector<BoundSocket>> BindUdp(std::span<const ListenAddress> addresses,
                                                 bool missing_family_is_fine);

/// A listening socket in the file system. Its file is removed with it, unless another one has taken
/// its place.
class UnixListenSocket {
 public:
  /// Takes the place of a socket file that nobody answers on, and of nothing else; of several who
  /// do so at once one has it, as long as they may read the directory. `mode` are the permissions
  /// of the new file. PermissionDenied where another user may do what this one may not, a dead
  /// socket in the way included. Changes the process's umask for a moment: call it before there are
  /// other threads.
  static absl::StatusOr<UnixListenSocket> Bind(const std::string& path, uint32_t mode, int backlog);

  UnixListenSocket(UnixListenSocket&& other) noexcept;
  UnixListenSocket& operator=(UnixListenSocket&& other) = delete;
  UnixListenSocket(const UnixListenSocket&) = delete;
  UnixListenSocket& operator=(const UnixListenSocket&) = delete;
  ~UnixListenSocket();

  /// Gives the socket away; the file stays in this object's care.
  FileDescriptor TakeSocket() { return std::move(socket_); }

  /// Removes the file, as the destructor does where this has not been called; says why it stays.
  absl::Status Remove();

 private:
  UnixListenSocket() = default;

  FileDescriptor socket_;
  std::string path_;  // empty: moved from
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
};

}  // namespace quarry::net
