#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/net/file_descriptor.h"
#include "daemon/net/socket_address.h"
#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

constexpr uint16_t kTooLarge = 3;

/// An address of this machine that is not loopback's, as a client from elsewhere would have.
std::optional<sockaddr_in> OuterAddress() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    return std::nullopt;
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  for (const ifaddrs* next = list; next != nullptr; next = next->ifa_next) {
    if (next->ifa_addr != nullptr && next->ifa_addr->sa_family == AF_INET) {
      const auto address = *reinterpret_cast<const sockaddr_in*>(next->ifa_addr);
      if (ntohl(address.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET) {
        return address;
      }
    }
  }
  return std::nullopt;
}

/// Sends from one address of this machine to a port of another.
class UdpClient {
 public:
  UdpClient(sockaddr_in from, sockaddr_in to)
      : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    from.sin_port = 0;
    const timeval limit = {.tv_sec = 10, .tv_usec = 0};
    REQUIRE(setsockopt(socket_.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
    REQUIRE(bind(socket_.value(), reinterpret_cast<sockaddr*>(&from), sizeof(from)) == 0);
    REQUIRE(connect(socket_.value(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  }

  /// The payload of the next datagram after the request was sent.
  std::string Ask(std::string_view request) {
    Send(request);
    std::array<char, 2048> datagram = {};
    const ssize_t count = recv(socket_.value(), datagram.data(), datagram.size(), 0);
    REQUIRE(count > 8);
    return {datagram.data() + 8, static_cast<size_t>(count) - 8};
  }

  void Send(std::string_view request) {
    std::string datagram(8, '\0');
    datagram[5] = 1;
    datagram += request;
    REQUIRE(send(socket_.value(), datagram.data(), datagram.size(), 0) ==
            static_cast<ssize_t>(datagram.size()));
  }

 private:
  FileDescriptor socket_;
};

sockaddr_in Loopback() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A server with UDP on every address, and a value of 1000 bytes.
struct Fixture {
  explicit Fixture(uint32_t reply_factor) : server(SettingsWith(reply_factor)) {
    port = server.server().bound_udp_addresses().front().port;
    Client tcp(server.port());
    REQUIRE(tcp.Answers("set k 0 0 1000\r\n" + std::string(1000, 'x') + "\r\n", "STORED\r\n"));
  }

  static RunningServer::Settings SettingsWith(uint32_t reply_factor) {
    RunningServer::Settings settings = RunningServer::Defaults();
    settings.server.udp = {{.host = "0.0.0.0", .port = 0}};
    settings.server.udp_reply_factor = reply_factor;
    return settings;
  }

  UdpClient Connect(sockaddr_in address) {
    sockaddr_in to = address;
    to.sin_port = htons(port);
    return {address, to};
  }

  RunningServer server;
  uint16_t port = 0;
};

const std::string kWholeReply = "VALUE k 0 1000\r\n" + std::string(1000, 'x') + "\r\nEND\r\n";

TEST_CASE("A client of this machine is answered whole") {
  Fixture fixture(3);
  UdpClient client = fixture.Connect(Loopback());
  REQUIRE(client.Ask("get k\r\n") == kWholeReply);
}

TEST_CASE("A client of another machine gets no reply much larger than its request") {
  const std::optional<sockaddr_in> outer = OuterAddress();
  if (!outer) {
    WARN("this machine has no address but loopback's");
    return;
  }
  Fixture fixture(3);
  UdpClient client = fixture.Connect(*outer);
  REQUIRE(client.Ask("get k\r\n") == "SERVER_ERROR too large for UDP\r\n");
  REQUIRE(client.Ask("get none\r\n") == "END\r\n");
  client.Send("get\r\n");  // its error would be too long as well: there is no reply
  REQUIRE(client.Ask("mn\r\n") == "MN\r\n");
  const std::string padded = "get k" + std::string(400, ' ') + "\r\n";
  REQUIRE(client.Ask(padded) == kWholeReply);
}

TEST_CASE("A packet whose reply is too large is answered with a packet") {
  const std::optional<sockaddr_in> outer = OuterAddress();
  if (!outer) {
    WARN("this machine has no address but loopback's");
    return;
  }
  Fixture fixture(3);
  UdpClient client = fixture.Connect(*outer);
  constexpr uint32_t kOpaque = 7;
  const Packet get = {.opcode = 0x00, .key = "k", .opaque = kOpaque};
  REQUIRE(
      client.Ask(RequestBytes(get)) ==
      ReplyBytes({.opcode = 0x00, .value = "Too large.", .opaque = kOpaque, .status = kTooLarge}));
}

TEST_CASE("A reply of any size goes anywhere where the operator wants it") {
  const std::optional<sockaddr_in> outer = OuterAddress();
  if (!outer) {
    WARN("this machine has no address but loopback's");
    return;
  }
  Fixture fixture(0);
  UdpClient client = fixture.Connect(*outer);
  REQUIRE(client.Ask("get k\r\n") == kWholeReply);
}

}  // namespace
}  // namespace quarry::net
