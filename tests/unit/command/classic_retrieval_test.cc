#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

TEST_CASE("get answers hits in the order asked for and leaves misses out") {
  Server server;
  Client client(server);
  client.Send("set a 1 0 1\r\nx\r\nset b 2 0 2\r\nyy\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 1 1\r\nx\r\nEND\r\n");
  REQUIRE(client.Send("get nothing\r\n") == "END\r\n");
  REQUIRE(client.Send("get b nothing a b\r\n") ==
          "VALUE b 2 2\r\nyy\r\nVALUE a 1 1\r\nx\r\nVALUE b 2 2\r\nyy\r\nEND\r\n");
}

TEST_CASE("gets tells the CAS as well") {
  Server server;
  Client client(server);
  client.Send("ms a 1 E77\r\nx\r\n");
  REQUIRE(client.Send("gets a b\r\n") == "VALUE a 0 1 77\r\nx\r\nEND\r\n");
}

TEST_CASE("gat and gats read and touch") {
  Server server;
  Client client(server);
  client.Send("ms a 1 E77 F3\r\nx\r\n");
  REQUIRE(client.Send("gat 100 a b\r\nmg a t\r\n") == "VALUE a 3 1\r\nx\r\nEND\r\nHD t100\r\n");
  REQUIRE(client.Send("gats 200 a\r\nmg a t\r\n") == "VALUE a 3 1 77\r\nx\r\nEND\r\nHD t200\r\n");
  REQUIRE(client.Send("gat -1 a\r\nget a\r\n") == "VALUE a 3 1\r\nx\r\nEND\r\nEND\r\n");
  REQUIRE(client.Send("gat x a\r\n") == "CLIENT_ERROR invalid exptime argument\r\n");
  REQUIRE(client.Send("gat 100\r\n") == "CLIENT_ERROR bad command line format\r\n");
}

TEST_CASE("A key of 250 bytes works and one of 251 is refused in place of any value") {
  Server server;
  Client client(server);
  const std::string longest(250, 'k');
  const std::string too_long(251, 'k');
  REQUIRE(client.Send("set " + longest + " 0 0 1\r\nx\r\n") == "STORED\r\n");
  REQUIRE(client.Send("get " + longest + "\r\n") == "VALUE " + longest + " 0 1\r\nx\r\nEND\r\n");
  REQUIRE(client.Send("get " + longest + " " + too_long + "\r\nversion\r\n") ==
          "CLIENT_ERROR bad command line format\r\nVERSION 1.6.45\r\n");
}

TEST_CASE("A get line over 2 KiB is streamed") {
  Server server;
  Client client(server);
  std::string line = "get";
  std::string answer;
  for (size_t i = 0; i < 1000; ++i) {
    const std::string key = "key" + std::to_string(i);
    line += " " + key;
    if (i % 3 == 0) {
      client.Send("set " + key + " 0 0 3\r\nval\r\n");
      answer += ValueBlock(key, "val");
    }
  }
  SECTION("whole, and in fragments of any size") {
    REQUIRE(client.Send(line + "\r\n") == answer + "END\r\n");
    for (const size_t fragment_bytes : {1U, 7U, 100U, 2049U, 4000U}) {
      CAPTURE(fragment_bytes);
      REQUIRE(client.SendCut(line + "\r\nversion\r\n", fragment_bytes) ==
              answer + "END\r\nVERSION 1.6.45\r\n");
    }
  }
  SECTION("its error ends the reply after the values already sent") {
    line += " " + std::string(251, 'k') + " key0 key3\r\n";
    REQUIRE(client.Send(line + "version\r\n") ==
            answer + "CLIENT_ERROR bad command line format\r\nVERSION 1.6.45\r\n");
  }
}

TEST_CASE("One line may name the same key very often") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  std::string line = "get";
  std::string answer;
  for (size_t i = 0; i < 20000; ++i) {
    line += " a";
    answer += "VALUE a 0 1\r\nx\r\n";
  }
  REQUIRE(client.Send(line + "\r\n") == answer + "END\r\n");
}

TEST_CASE("A line without end closes the connection unless it is a get") {
  Server server;
  Client client(server);
  REQUIRE(client.Send(std::string(2049, 'x')).empty());
  REQUIRE(client.closed());
}

TEST_CASE("What is no command is answered with ERROR") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("GET a\r\n") == "ERROR\r\n");
  REQUIRE(client.Send("nonsense a b c\r\n") == "ERROR\r\n");
  REQUIRE(client.Send("\r\n") == "CLIENT_ERROR bad command line format\r\n");
  REQUIRE(client.Send("get\r\n") == "CLIENT_ERROR bad command line format\r\n");
  REQUIRE(client.Send("incr a\r\n") == "CLIENT_ERROR bad command line format\r\n");
  REQUIRE_FALSE(client.closed());
}

TEST_CASE("A browser is shut out") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("GET / HTTP/1.1\r\nHost: x\r\n").empty());
  REQUIRE(client.closed());
}

TEST_CASE("quit answers what came before it and drops what comes behind it") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("version\r\nquit\r\nversion\r\n") == "VERSION 1.6.45\r\n");
  REQUIRE(client.closed());
}

TEST_CASE("A session is idle when it owes no answer") {
  Server server;
  Client client(server);
  REQUIRE(client.session().idle());
  client.Send("set a 0 0 5\r\nab");
  REQUIRE_FALSE(client.session().idle());
  REQUIRE(client.session().wanted_bytes() == 20);
  client.Send("cde\r\n");
  REQUIRE(client.session().idle());
  client.Send("ge");
  REQUIRE_FALSE(client.session().idle());
}

}  // namespace
}  // namespace quarry::command
