#include "daemon/command/prefix_stats.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

TEST_CASE("stats detail counts gets, hits, sets and deletes by prefix") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("stats detail dump\r\n") == "END\r\n");
  client.Send("set a:0 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("stats detail on\r\n") == "OK\r\n");
  client.Send("set a:b 0 0 1\r\nx\r\nms a:c 1\r\nx\r\nget a:b a:x zz\r\nmg a:b\r\ntouch a:b 0\r\n");
  client.Send("gat 0 a:b\r\ndelete a:x\r\nmd a:c\r\nincr zz 1\r\nset zz 0 0 1\r\nx\r\n");
  client.Send(Storage("set a:large 0 0 20000", Pattern(20000)));
  REQUIRE(client.Send("stats detail dump\r\n") == "PREFIX a get 4 hit 3 set 3 del 2\r\nEND\r\n");
  REQUIRE(client.Send("stats detail off\r\nget a:b\r\n") == "OK\r\nVALUE a:b 0 1\r\nx\r\nEND\r\n");
  REQUIRE(client.Send("stats detail dump\r\n") == "PREFIX a get 4 hit 3 set 3 del 2\r\nEND\r\n");
  client.Send("stats reset\r\n");
  REQUIRE(client.Send("stats detail dump\r\n") == "END\r\n");
}

TEST_CASE("What stats detail does not take") {
  Server server;
  Client client(server);
  for (const std::string argument : {"", " ", " x", " ON"}) {
    REQUIRE(client.Send("stats detail" + argument + "\r\n") ==
            "CLIENT_ERROR usage: stats detail on|off|dump\r\n");
  }
  server.context().dump_enabled = false;
  REQUIRE(client.Send("stats detail on\r\n") == "CLIENT_ERROR stats detail not allowed\r\n");
}

TEST_CASE("The delimiter may be any byte, and a prefix may be empty") {
  PrefixStats stats;
  stats.SetDelimiter('/');
  stats.CountGet("/x", true);
  stats.CountGet("a:b", true);
  REQUIRE(stats.Dump() == "PREFIX  get 1 hit 1 set 0 del 0\r\nEND\r\n");
}

TEST_CASE("Only so many prefixes are counted") {
  PrefixStats stats;
  for (size_t i = 0; i < 2 * PrefixStats::kMaxPrefixes; ++i) {
    stats.CountSet(std::to_string(i) + ":");
  }
  const std::string dump = stats.Dump();
  size_t lines = 0;
  for (size_t at = 0; (at = dump.find("PREFIX", at)) != std::string::npos; ++at) {
    ++lines;
  }
  REQUIRE(lines <= PrefixStats::kMaxPrefixes);
  REQUIRE(lines > PrefixStats::kMaxPrefixes / 2);
}

}  // namespace
}  // namespace quarry::command
