#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>

#include "tests/support/catch.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

using std::chrono::steady_clock;

RunningServer::Settings WithDeadline(uint32_t seconds) {
  auto settings = RunningServer::Defaults();
  settings.server.drain_deadline_sec = seconds;
  return settings;
}

TEST_CASE("Idle connections end at once when the server drains") {
  RunningServer server(WithDeadline(60));
  Client client(server.port());
  REQUIRE(client.Answers("mn\r\n", "MN\r\n"));
  const auto begin = steady_clock::now();
  server.End();
  REQUIRE(steady_clock::now() - begin < std::chrono::seconds(5));
  REQUIRE(client.AtEnd());
  REQUIRE(server.warnings().empty());
}

TEST_CASE("SIGTERM drains") {
  RunningServer server(WithDeadline(60));
  Client client(server.port());
  REQUIRE(client.Answers("mn\r\n", "MN\r\n"));
  REQUIRE(kill(getpid(), SIGTERM) == 0);
  REQUIRE(client.AtEnd());
  server.End();
}

TEST_CASE("Requests that have arrived are answered before the end") {
  RunningServer server(WithDeadline(60));
  Client client(server.port());
  REQUIRE(client.Answers("set k 0 0 1000\r\n" + std::string(1000, 'v') + "\r\n", "STORED\r\n"));
  constexpr int kRequests = 3000;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) {
    requests += "get k\r\n";
  }
  client.Send(requests);
  server.Stop();
  const std::string hit = "VALUE k 0 1000\r\n" + std::string(1000, 'v') + "\r\nEND\r\n";
  for (int i = 0; i < kRequests; ++i) {
    CAPTURE(i);
    REQUIRE(client.Read(hit.size()) == hit);
  }
  REQUIRE(client.AtEnd());
  server.End();
  REQUIRE(server.warnings().empty());
}

TEST_CASE("A connection that was made just before the end is answered as well") {
  RunningServer server(WithDeadline(60));
  Client client(server.port());
  client.Send("mn\r\n");
  server.Stop();
  REQUIRE(client.ReadLine() == "MN\r\n");
  REQUIRE(client.AtEnd());
}

TEST_CASE("The rest of a request that has begun is waited for") {
  RunningServer server(WithDeadline(60));
  Client client(server.port());
  Client large(server.port());
  client.Send("set k 0 0 3\r\na");
  large.Send("set l 0 0 700000\r\n" + std::string(600'000, 'v'));
  REQUIRE(Eventually([&] { return server.bytes_read() > 600'000; }));
  server.Stop();
  client.Send("bc\r\n");
  REQUIRE(client.ReadLine() == "STORED\r\n");
  REQUIRE(client.AtEnd());
  large.Send(std::string(100'000, 'v') + "\r\n");
  REQUIRE(large.ReadLine() == "STORED\r\n");
  REQUIRE(large.AtEnd());
  server.End();
  REQUIRE(server.warnings().empty());
}

TEST_CASE("What has not finished at the deadline is cut, and its number reported") {
  RunningServer server(WithDeadline(1));
  Client first(server.port());
  Client second(server.port());
  REQUIRE(first.Answers("mn\r\n", "MN\r\n"));
  REQUIRE(second.Answers("mn\r\n", "MN\r\n"));
  first.Send("set k 0 0 3\r\na");
  second.Send("set k 0 0 3\r\na");
  const auto begin = steady_clock::now();
  server.End();
  REQUIRE(steady_clock::now() - begin >= std::chrono::milliseconds(900));
  REQUIRE(first.AtEnd());
  REQUIRE(second.AtEnd());
  REQUIRE(server.connection_count() == 0);
  REQUIRE(server.warnings().size() == 1);
  REQUIRE(server.warnings().front().find("2 connections") != std::string::npos);
}

}  // namespace
}  // namespace quarry::net
