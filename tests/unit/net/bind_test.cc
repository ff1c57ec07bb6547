#include "daemon/net/bind.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>
#include <optional>
#include <string>
#include <thread>

#include "daemon/net/socket_address.h"
#include "tests/support/catch.h"

namespace quarry::net {
namespace {

uint16_t PortOf(const BoundSocket& bound) {
  return SocketAddress::Local(bound.socket.value()).port();
}

/// A directory of its own for socket files.
struct Directory {
  Directory() {
    REQUIRE(mkdtemp(path.data()) != nullptr);
    socket_path = path + "/socket";
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path); }

  std::string path = std::filesystem::temp_directory_path() / "quarry-bind-XXXXXX";
  std::string socket_path;
};

/// Leaves the file of a socket behind that nobody answers on.
void LeaveSocketFile(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const FileDescriptor dead(socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(bind(dead.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
}

TEST_CASE("Two addresses that leave the port open get the same one") {
  const std::array<ListenAddress, 2> addresses = {{{"127.0.0.1", 0}, {"127.0.0.2", 0}}};
  const auto sockets = BindTcp(addresses, 16, false);
  REQUIRE(sockets.ok());
  REQUIRE(sockets->size() == 2);
  REQUIRE(PortOf(sockets->front()) != 0);
  REQUIRE(PortOf(sockets->front()) == PortOf(sockets->back()));
}

TEST_CASE("A taken port is an error that names the address and the reason") {
  const std::array<ListenAddress, 1> free_port = {{{"127.0.0.1", 0}}};
  const auto first = BindTcp(free_port, 16, false);
  REQUIRE(first.ok());
  const uint16_t port = PortOf(first->front());
  const std::array<ListenAddress, 1> taken_port = {{{"127.0.0.1", port}}};
  const auto second = BindTcp(taken_port, 16, false);
  REQUIRE_FALSE(second.ok());
  REQUIRE(std::string(second.status().message()) ==
          "127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST_CASE("Addresses are written as memcached writes them") {
  const std::array<ListenAddress, 1> address = {{{"127.0.0.1", 0}}};
  const auto sockets = BindTcp(address, 16, false);
  REQUIRE(sockets.ok());
  const int socket = sockets->front().socket.value();
  REQUIRE(SocketAddress::Local(socket).Describe() ==
          "tcp:127.0.0.1:" + std::to_string(PortOf(sockets->front())));
  REQUIRE(SocketAddress::Peer(socket).Describe() == "unknown");
  REQUIRE(JoinHostPort("::1", 11211) == "[::1]:11211");
}

TEST_CASE("A name that does not resolve is an error that names it") {
  const std::array<ListenAddress, 1> address = {{{"256.0.0.1", 11211}}};
  const auto sockets = BindTcp(address, 16, false);
  REQUIRE_FALSE(sockets.ok());
  REQUIRE(std::string(sockets.status().message()).rfind("256.0.0.1:11211: ", 0) == 0);
}

TEST_CASE("An address of another machine is an error, also where families may be missing") {
  const std::array<ListenAddress, 1> address = {{{"192.0.2.1", 0}}};
  REQUIRE_FALSE(BindTcp(address, 16, true).ok());
}

TEST_CASE_METHOD(Directory, "A socket file has the given mode and goes with its owner") {
  {
    const auto bound = UnixListenSocket::Bind(socket_path, 0640, 16);
    REQUIRE(bound.ok());
    struct stat file = {};
    REQUIRE(lstat(socket_path.c_str(), &file) == 0);
    REQUIRE((file.st_mode & 0777U) == 0640U);
  }
  REQUIRE_FALSE(std::filesystem::exists(socket_path));
}

TEST_CASE_METHOD(Directory,
                 "A socket file is removed once, and not where another is in its place") {
  auto first = UnixListenSocket::Bind(socket_path, 0700, 16);
  REQUIRE(first.ok());
  REQUIRE(first->Remove().ok());
  REQUIRE_FALSE(std::filesystem::exists(socket_path));
  auto second = UnixListenSocket::Bind(socket_path, 0700, 16);
  REQUIRE(second.ok());
  REQUIRE(first->Remove().ok());
  REQUIRE(std::filesystem::exists(socket_path));
  std::filesystem::rename(socket_path, socket_path + ".kept");
  LeaveSocketFile(socket_path);
  REQUIRE(second->Remove().ok());
  REQUIRE(std::filesystem::exists(socket_path));
}

TEST_CASE_METHOD(Directory, "A socket file that nobody answers on is replaced") {
  {
    auto bound = UnixListenSocket::Bind(socket_path, 0700, 16);
    REQUIRE(bound.ok());
    std::filesystem::rename(socket_path, socket_path + ".kept");
  }
  std::filesystem::rename(socket_path + ".kept", socket_path);
  REQUIRE(UnixListenSocket::Bind(socket_path, 0700, 16).ok());
}

TEST_CASE_METHOD(Directory, "Of two who replace a socket file at once one has the place") {
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    LeaveSocketFile(socket_path);
    std::latch begin(2);
    std::optional<absl::StatusOr<UnixListenSocket>> other;
    std::thread thread([&] {
      begin.arrive_and_wait();
      other.emplace(UnixListenSocket::Bind(socket_path, 0700, 16));
    });
    begin.arrive_and_wait();
    const auto own = UnixListenSocket::Bind(socket_path, 0700, 16);
    thread.join();
    REQUIRE(own.ok() != other->ok());
  }
}

TEST_CASE_METHOD(Directory, "Somebody who keeps the directory locked keeps nobody from listening") {
  const FileDescriptor lock(open(path.c_str(), O_RDONLY | O_DIRECTORY));
  REQUIRE(flock(lock.value(), LOCK_EX) == 0);
  REQUIRE(UnixListenSocket::Bind(socket_path, 0700, 16).ok());
}

TEST_CASE_METHOD(Directory, "A socket that is in use, and a file that is none, are left alone") {
  const auto bound = UnixListenSocket::Bind(socket_path, 0700, 16);
  REQUIRE(bound.ok());
  const auto second = UnixListenSocket::Bind(socket_path, 0700, 16);
  REQUIRE_FALSE(second.ok());
  REQUIRE(std::string(second.status().message()) == socket_path + ": Address already in use");

  const std::string plain_path = path + "/plain";
  std::ofstream(plain_path) << "kept";
  REQUIRE_FALSE(UnixListenSocket::Bind(plain_path, 0700, 16).ok());
  REQUIRE(std::filesystem::file_size(plain_path) == 4);
}

TEST_CASE("A path that is too long for a socket is an error") {
  REQUIRE_FALSE(UnixListenSocket::Bind("/tmp/" + std::string(200, 'x'), 0700, 16).ok());
}

}  // namespace
}  // namespace quarry::net
