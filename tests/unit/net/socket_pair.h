#pragma once

#include <sys/socket.h>

#include <array>

#include "daemon/net/file_descriptor.h"
#include "tests/support/catch.h"

namespace quarry::net {

/// Two connected, non-blocking sockets.
struct SocketPair {
  explicit SocketPair(int type = SOCK_STREAM) {
    std::array<int, 2> ends = {};
    REQUIRE(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    first = FileDescriptor(ends[0]);
    second = FileDescriptor(ends[1]);
  }

  FileDescriptor first;
  FileDescriptor second;
};

}  // namespace quarry::net
