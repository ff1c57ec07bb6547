#include <malloc.h>

#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

constexpr size_t kMaxBytes = 512;
constexpr size_t kConnections = 1500;

/// What is in use of the heaps of all threads, with what the allocator adds to each piece of it.
size_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Adds a client that has had one request answered. `clients` has room for it.
void AddIdleClient(RunningServer& server, std::vector<Client>& clients) {
  REQUIRE(clients.size() < clients.capacity());
  REQUIRE(clients.emplace_back(server.port()).Answers("get k\r\n", "END\r\n"));
}

TEST_CASE("An idle connection takes at most half a kilobyte of the heap") {
  RunningServer server;
  std::vector<Client> clients;
  clients.reserve(kConnections + 1);
  AddIdleClient(server, clients);
  const size_t bytes_before = HeapBytes();
  for (size_t i = 0; i < kConnections; ++i) {
    AddIdleClient(server, clients);
  }
  REQUIRE(server.connection_count() == clients.size());
  const size_t bytes_each = (HeapBytes() - bytes_before) / kConnections;
  INFO(bytes_each);
  REQUIRE(bytes_each <= kMaxBytes);
}

}  // namespace
}  // namespace quarry::net
