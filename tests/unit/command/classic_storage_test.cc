#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

/// The CAS of `key`, which exists.
std::string CasOf(Client& client, const std::string& key) {
  const std::string reply = client.Send("gets " + key + "\r\n");
  const std::string head = reply.substr(0, reply.find("\r\n"));
  return head.substr(head.rfind(' ') + 1);
}

TEST_CASE("set stores, and stores over what is there") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 0 1\r\nx\r\n") == "STORED\r\n");
  REQUIRE(client.Send("set a 7 0 3\r\nxyz\r\n") == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 7 3\r\nxyz\r\nEND\r\n");
}

TEST_CASE("An empty value is a value") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 0 0\r\n\r\n") == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 0 0\r\n\r\nEND\r\n");
}

TEST_CASE("Client flags have 32 bits") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 4294967295 0 1\r\nx\r\n") == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 4294967295 1\r\nx\r\nEND\r\n");
  REQUIRE(client.Send("set a 4294967296 0 1\r\nx\r\n") ==
          "CLIENT_ERROR bad command line format\r\n");
}

TEST_CASE("add stores only what is not there") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("add a 0 0 1\r\nx\r\n") == "STORED\r\n");
  REQUIRE(client.Send("add a 0 0 1\r\ny\r\n") == "NOT_STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 0 1\r\nx\r\nEND\r\n");
}

TEST_CASE("replace stores only over what is there") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("replace a 0 0 1\r\nx\r\n") == "NOT_STORED\r\n");
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("replace a 0 0 1\r\ny\r\n") == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 0 1\r\ny\r\nEND\r\n");
}

TEST_CASE("append and prepend join values and keep the flags of the old one") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("append a 0 0 1\r\nx\r\n") == "NOT_STORED\r\n");
  REQUIRE(client.Send("prepend a 0 0 1\r\nx\r\n") == "NOT_STORED\r\n");
  client.Send("set a 5 0 3\r\nmid\r\n");
  REQUIRE(client.Send("append a 9 0 4\r\n-end\r\n") == "STORED\r\n");
  REQUIRE(client.Send("prepend a 9 0 6\r\nbegin-\r\n") == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 5 13\r\nbegin-mid-end\r\nEND\r\n");
}

TEST_CASE("cas stores only over the version that it names") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("cas a 0 0 1 1\r\nx\r\n") == "NOT_FOUND\r\n");
  client.Send("set a 0 0 1\r\nx\r\n");
  const std::string cas = CasOf(client, "a");
  REQUIRE(client.Send("cas a 0 0 1 " + cas + "\r\ny\r\n") == "STORED\r\n");
  REQUIRE(client.Send("cas a 0 0 1 " + cas + "\r\nz\r\n") == "EXISTS\r\n");
  REQUIRE(client.Send("cas a 0 0 1 0\r\nz\r\n") == "EXISTS\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 0 1\r\ny\r\nEND\r\n");
}

TEST_CASE("A version that was read says whether anybody wrote since") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\n1\r\n");
  const std::string before = CasOf(client, "a");
  client.Send("get a\r\ntouch a 0\r\ngat 0 a\r\n");
  REQUIRE(CasOf(client, "a") == before);
  client.Send("incr a 1\r\n");
  REQUIRE(CasOf(client, "a") != before);
}

TEST_CASE("With CAS switched off gets shows 0 and cas never stores") {
  Server server({.cas_enabled = false});
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("gets a\r\n") == "VALUE a 0 1 0\r\nx\r\nEND\r\n");
  REQUIRE(client.Send("cas a 0 0 1 0\r\ny\r\n") == "EXISTS\r\n");
}

TEST_CASE("delete drops the item") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("delete a\r\n") == "NOT_FOUND\r\n");
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("delete a\r\n") == "DELETED\r\n");
  REQUIRE(client.Send("get a\r\n") == "END\r\n");
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("delete a 0\r\n") == "DELETED\r\n");
  REQUIRE(client.Send("delete a junk\r\n") ==
          "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n");
}

TEST_CASE("incr and decr count in place, in 64 bits") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("incr a 1\r\n") == "NOT_FOUND\r\n");
  REQUIRE(client.Send("decr a 1\r\n") == "NOT_FOUND\r\n");
  client.Send("set a 3 0 2\r\n10\r\n");
  REQUIRE(client.Send("incr a 5\r\n") == "15\r\n");
  REQUIRE(client.Send("decr a 6\r\n") == "9\r\n");
  REQUIRE(client.Send("decr a 10\r\n") == "0\r\n");
  REQUIRE(client.Send("incr a 18446744073709551615\r\n") == "18446744073709551615\r\n");
  REQUIRE(client.Send("incr a 2\r\n") == "1\r\n");
  REQUIRE(client.Send("get a\r\n").substr(0, 10) == "VALUE a 3 ");
}

TEST_CASE("What is no number is not counted") {
  Server server;
  Client client(server);
  const std::string non_numeric =
      "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
  for (const std::string value : {"x", "", "-1", "1 2", " 5", "+5", "18446744073709551616"}) {
    CAPTURE(value);
    client.Send(Storage("set a 0 0 " + std::to_string(value.size()), value));
    REQUIRE(client.Send("incr a 1\r\n") == non_numeric);
    REQUIRE(client.Send("decr a 1\r\n") == non_numeric);
  }
  const std::string large = std::string(10000, '1');
  client.Send(Storage("set a 0 0 10000", large));
  REQUIRE(client.Send("incr a 1\r\n") == non_numeric);
  REQUIRE(client.Send("incr a x\r\n") == "CLIENT_ERROR invalid numeric delta argument\r\n");
}

TEST_CASE("touch gives the item a new end") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("touch a 100\r\n") == "NOT_FOUND\r\n");
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("touch a 100\r\nmg a t v\r\n") == "TOUCHED\r\nVA 1 t100\r\nx\r\n");
  REQUIRE(client.Send("touch a -1\r\n") == "TOUCHED\r\n");
  REQUIRE(client.Send("get a\r\n") == "END\r\n");
  REQUIRE(client.Send("touch a x\r\n") == "CLIENT_ERROR invalid exptime argument\r\n");
}

TEST_CASE("noreply hides every outcome, errors too") {
  Server server;
  Client client(server);
  const std::string script =
      "set a 0 0 1 noreply\r\n1\r\n"
      "add a 0 0 1 noreply\r\n2\r\n"
      "replace b 0 0 1 noreply\r\n2\r\n"
      "append a 0 0 1 noreply\r\n5\r\n"
      "cas a 0 0 1 1 noreply\r\n2\r\n"
      "cas b 0 0 1 1 noreply\r\n2\r\n"
      "incr a 1 noreply\r\n"
      "decr a 3 noreply\r\n"
      "incr b 1 noreply\r\n"
      "incr a x noreply\r\n"
      "touch a 0 noreply\r\n"
      "touch b 0 noreply\r\n"
      "delete b noreply\r\n"
      "set a 0 0 1 noreply\r\nxyz"  // A bad data chunk: three bytes are gone with it.
      "set a 0 0 2000000 noreply\r\n";
  REQUIRE(client.Send(script).empty());
  REQUIRE(client.Send(std::string(2000002, 'x')).empty());
  REQUIRE(client.Send("set a 0 0 2\r\n13\r\nverbosity 1 noreply\r\nget a\r\n") ==
          "STORED\r\nVALUE a 0 2\r\n13\r\nEND\r\n");
}

TEST_CASE("A value without its CRLF is refused and the old one stays") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("set a 0 0 1\r\nyyyget a\r\n") ==
          "CLIENT_ERROR bad data chunk\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
}

TEST_CASE("A bad storage line takes its body with it") {
  Server server;
  Client client(server);
  const std::string bad_line = "CLIENT_ERROR bad command line format\r\n";
  const std::string long_key(251, 'k');
  REQUIRE(client.Send("set " + long_key + " 0 0 9\r\nflush_all\r\nversion\r\n") ==
          bad_line + "VERSION 1.6.45\r\n");
  REQUIRE(client.Send("set a x 0 9\r\nflush_all\r\nversion\r\n") ==
          bad_line + "VERSION 1.6.45\r\n");
  REQUIRE_FALSE(client.closed());
}

TEST_CASE("A body of unknown length must not run as commands") {
  Server server;
  Client client(server);
  SECTION("what is there already closes the connection") {
    REQUIRE(client.Send("set a 0 0 x\r\nflush_all\r\n") ==
            "CLIENT_ERROR bad command line format\r\n");
    REQUIRE(client.closed());
  }
  SECTION("with nothing behind the line it stays open") {
    REQUIRE(client.Send("set a 0 0 x\r\n") == "CLIENT_ERROR bad command line format\r\n");
    REQUIRE_FALSE(client.closed());
    REQUIRE(client.Send("version\r\n") == "VERSION 1.6.45\r\n");
  }
}

TEST_CASE("Without eviction a full memory refuses stores and keeps what it has") {
  Server server({.memory_bytes = core::EngineOptions::kMinMemoryBytes, .evict = false});
  Client client(server);
  const std::string value = Pattern(5000);
  std::string reply;
  size_t stored = 0;
  for (size_t i = 0; i < 4000; ++i) {
    reply = client.Send(Storage("set k" + std::to_string(i) + " 0 0 5000", value));
    if (reply != "STORED\r\n") {
      break;
    }
    ++stored;
  }
  REQUIRE(reply == "SERVER_ERROR out of memory storing object\r\n");
  REQUIRE(stored > 500);
  REQUIRE(client.Send("get k0\r\n") == "VALUE k0 0 5000\r\n" + value + "\r\nEND\r\n");
  const std::string large = Storage("set big 0 0 1000000", Pattern(1000000)) + "version\r\n";
  for (const size_t fragment_bytes : {size_t{1448}, large.size()}) {
    REQUIRE(client.SendCut(large, fragment_bytes) ==
            "SERVER_ERROR out of memory storing object\r\nVERSION 1.6.45\r\n");
  }
}

}  // namespace
}  // namespace quarry::command
