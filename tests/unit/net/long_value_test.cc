// Values so long that a turn reads them piece after piece.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/support/catch.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

constexpr size_t kLongBytes = 6'000'000;

RunningServer::Settings WithLongValues(bool evict) {
  RunningServer::Settings settings = RunningServer::Defaults();
  settings.engine.memory_bytes = 32 << 20;
  settings.engine.max_item_bytes = 8 << 20;
  settings.engine.evict = evict;
  return settings;
}

/// Bytes that tell their place.
std::string LongValue() {
  std::string value(kLongBytes, '\0');
  for (size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<char>(i % 251 + i / 65'536);
  }
  return value;
}

std::string Set(const std::string& key, const std::string& value) {
  return "set " + key + " 0 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n";
}

bool Holds(Client& client, const std::string& key, const std::string& value) {
  return client.Answers(
      "get " + key + "\r\n",
      "VALUE " + key + " 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\nEND\r\n");
}

TEST_CASE("A long value comes back as it was sent, whatever comes before and behind it") {
  RunningServer server(WithLongValues(true));
  Client client(server.port());
  const std::string value = LongValue();
  const std::string set = Set("long", value);
  REQUIRE(client.Answers("mn\r\n" + set + "mn\r\n" + set + "mn\r\n",
                         "MN\r\nSTORED\r\nMN\r\nSTORED\r\nMN\r\n"));
  REQUIRE(Holds(client, "long", value));
}

/// The server's socket of that client.
int ServerSocketOf(const Client& client) {
  constexpr int kMaxDescriptors = 1024;
  for (int fd = 0; fd < kMaxDescriptors; ++fd) {
    sockaddr_in peer = {};
    socklen_t size = sizeof(peer);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_port == htons(client.local_port())) {
      return fd;
    }
  }
  FAIL("no such socket");
  return -1;
}

int LowWaterOf(int socket) {
  int bytes = 0;
  socklen_t size = sizeof(bytes);
  REQUIRE(getsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, &size) == 0);
  return bytes;
}

TEST_CASE("Of a stream the server is told once there is much of it, of all else at once") {
  RunningServer server(WithLongValues(true));
  Client client(server.port());
  REQUIRE(client.Answers("mn\r\n", "MN\r\n"));
  const int socket = ServerSocketOf(client);
  REQUIRE(LowWaterOf(socket) == 1);
  const std::string set = Set("long", LongValue());
  client.Send(set.substr(0, kLongBytes / 2));
  REQUIRE(Eventually([socket] { return LowWaterOf(socket) > 1; }));
  client.Send(set.substr(kLongBytes / 2, set.size() - 1 - kLongBytes / 2));
  REQUIRE(Eventually([socket] { return LowWaterOf(socket) == 1; }));
  REQUIRE(client.Answers("\n", "STORED\r\n"));
}

TEST_CASE("Where memory ends within a long value its rest is dropped, and the next is answered") {
  RunningServer server(WithLongValues(false));
  Client client(server.port());
  const std::string value = LongValue();
  int stored = 0;
  std::string reply;
  do {
    client.Send(Set("k" + std::to_string(stored), value) + "mn\r\n");
    reply = client.ReadLine();
    REQUIRE(client.ReadLine() == "MN\r\n");
    stored += reply == "STORED\r\n" ? 1 : 0;
  } while (reply == "STORED\r\n");
  REQUIRE(reply == "SERVER_ERROR out of memory storing object\r\n");
  REQUIRE(stored > 2);
  for (int i = 0; i < stored; ++i) {
    REQUIRE(Holds(client, "k" + std::to_string(i), value));
  }
}

TEST_CASE("A client that leaves in the middle of a long value stores nothing of it") {
  RunningServer server(WithLongValues(true));
  const std::string value = LongValue();
  Client client(server.port());
  REQUIRE(client.Answers(Set("long", value), "STORED\r\n"));
  Client leaves(server.port());
  leaves.Send(Set("long", value).substr(0, kLongBytes / 2));
  leaves.FinishSending();
  REQUIRE(leaves.AtEnd());
  REQUIRE(Holds(client, "long", value));
}

TEST_CASE("The rest of a long value is waited for when the server drains") {
  RunningServer server(WithLongValues(true));
  Client client(server.port());
  const std::string set = Set("long", LongValue());
  client.Send(set.substr(0, kLongBytes / 2));
  REQUIRE(Eventually([&] { return server.bytes_read() > kLongBytes / 4; }));
  server.Stop();
  client.Send(set.substr(kLongBytes / 2));
  REQUIRE(client.ReadLine() == "STORED\r\n");
  REQUIRE(client.AtEnd());
}

}  // namespace
}  // namespace quarry::net
