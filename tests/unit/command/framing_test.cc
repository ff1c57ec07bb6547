#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

/// A get so long that its keys are streamed, and refused for its last one: a key so long that what
/// follows its refused part would pass for a command.
std::string RefusedLongGet() {
  std::string line = "get";
  while (line.size() < 4000) {
    line += " absent";
  }
  return line + " " + std::string(252, 'x') + "version\r\n";
}

/// Some of everything; its replies do not depend on what the server held before.
std::string Script() {
  return "flush_all\r\n" + Storage("set a 1 0 5", "hello") + Storage("set b 0 0 0", "") +
         Storage("ms c 3 F2 E9 c k", "abc") + Storage("set big 0 0 7000", Pattern(7000)) +
         "get a b c nothing\r\ngets c\r\nget big a\r\n" + "mg c s v t f c k Oop\r\nmg none q\r\n" +
         Storage("add a 0 0 3", "not") + Storage("append a 0 0 6 noreply", " world") +
         "get a\r\nset n 0 0 2\r\n41\r\nincr n 1\r\nma n D8 MD v\r\n" +
         "bogus\r\nset a 0 0 5\r\ntoolong!get a\r\nset a b 0 3\r\nxyz\r\n" +
         "delete b\r\ndelete b\r\nmd c\r\ngat 10 a n\r\ntouch none 1\r\n" +
         Storage("set gone 0 -1 1", "x") + "get gone\r\n" + RefusedLongGet() +
         Storage("set behind 0 0 7000", Pattern(7000)) + RefusedLongGet() +
         Storage("set behind 0 0 5", "small") + "get behind\r\n" + "set huge 0 0 1100000\r\n" +
         std::string(1100000, 'h') + "\r\nget huge\r\nverbosity 1\r\nmn\r\nversion\r\nquit\r\n" +
         "version\r\n";
}

TEST_CASE("Wherever the input is cut, the replies are the same") {
  const std::string script = Script();
  Server server;
  Client whole(server);
  const std::string expected = whole.Send(script);
  REQUIRE(whole.closed());
  REQUIRE(expected.find("VERSION 1.6.45\r\n") == expected.size() - 16);
  for (const size_t fragment_bytes :
       {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 11U, 16U, 31U, 64U, 100U, 1000U, 1448U, 16384U, 100000U}) {
    CAPTURE(fragment_bytes);
    Client client(server);
    REQUIRE(client.SendCut(script, fragment_bytes) == expected);
    REQUIRE(client.closed());
  }
}

TEST_CASE("Lines may end in a bare newline and have spaces to spare") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set  a  0 0   1  \nx\r\nget   a \n") ==
          "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
}

TEST_CASE("A batch of more requests than fit in one keeps their order") {
  Server server;
  Client client(server);
  std::string requests;
  std::string expected;
  for (size_t i = 1; i <= 200; ++i) {
    requests += "ma n N0 J1 v\r\nget n\r\n";
    const std::string number = std::to_string(i);
    const std::string size = std::to_string(number.size());
    expected += Storage("VA " + size, number) + ValueBlock("n", number) + "END\r\n";
  }
  REQUIRE(client.Send(requests) == expected);
}

TEST_CASE("A full reply buffer interrupts a multi-get, which goes on exactly where it was") {
  Server server;
  Client client(server);
  std::string line = "get";
  std::string expected;
  const std::string value = Pattern(3000);
  for (size_t i = 0; i < 100; ++i) {
    const std::string key = "key" + std::to_string(i);
    client.Send(Storage("set " + key + " 0 0 3000", value));
    line += " " + key;
    expected += ValueBlock(key, value);
  }
  const std::string before = StatOf(client.Send("stats\r\n"), "get_hits");
  REQUIRE(client.Send(line + "\r\nversion\r\n") == expected + "END\r\nVERSION 1.6.45\r\n");
  REQUIRE(client.flush_count() > 10);
  REQUIRE(std::stoul(StatOf(client.Send("stats\r\n"), "get_hits")) == std::stoul(before) + 100);
}

TEST_CASE("A full reply buffer interrupts a streamed line as well") {
  Server server;
  Client client(server);
  const std::string value = Pattern(4000);
  client.Send(Storage("set a 0 0 4000", value));
  std::string line = "get";
  std::string expected;
  for (size_t i = 0; i < 2000; ++i) {
    line += " a";
    expected += ValueBlock("a", value);
  }
  for (const size_t fragment_bytes : {size_t{100}, line.size()}) {
    REQUIRE(client.SendCut(line + "\r\n", fragment_bytes) == expected + "END\r\n");
  }
  REQUIRE(client.flush_count() > 1000);
}

TEST_CASE("Of many statistics each is sent before the next is gathered") {
  Server server;
  Client client(server);
  const std::string one = client.Send("stats slabs\r\nstats settings\r\n");
  const size_t yields_before = client.yield_count();
  const size_t count = 10;
  std::string requests;
  std::string expected;
  for (size_t i = 0; i < count; ++i) {
    requests += "stats slabs\r\nstats settings\r\n";
    expected += one;
  }
  REQUIRE(client.Send(requests) == expected);
  REQUIRE(client.yield_count() == yields_before + 2 * count - 1);
}

TEST_CASE(
    "What costs more than others is a turn's work, and what is behind it waits for the next") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("version\r\nflush_all\r\nstats reset\r\nmn\r\n") ==
          "VERSION 1.6.45\r\nOK\r\nRESET\r\nMN\r\n");
  REQUIRE(client.yield_count() == 2);
  REQUIRE(client.Send("flush_all noreply\r\n").empty());
  REQUIRE(client.yield_count() == 2);
}

TEST_CASE("A store behind a long get that was refused meets none of that line's bytes") {
  Server server;
  for (const size_t value_bytes : {5U, 100000U}) {
    CAPTURE(value_bytes);
    const std::string value = Pattern(value_bytes);
    const std::string head = "set k 0 0 " + std::to_string(value_bytes) + "\r\n";
    Client client(server);
    REQUIRE(client.Send(RefusedLongGet() + head) == "CLIENT_ERROR bad command line format\r\n");
    REQUIRE(client.Send(value + "\r\nget k\r\n") ==
            "STORED\r\n" + ValueBlock("k", value) + "END\r\n");
  }
}

TEST_CASE("Many pinned values fill the reply buffer by their number") {
  Server server;
  Client client(server);
  const std::string value = Pattern(20000);
  client.Send(Storage("set a 0 0 20000", value));
  std::string line = "get";
  std::string expected;
  for (size_t i = 0; i < 300; ++i) {
    line += " a";
    expected += ValueBlock("a", value);
  }
  REQUIRE(client.Send(line + "\r\n") == expected + "END\r\n");
  REQUIRE(client.flush_count() >= 4);
}

TEST_CASE("A store on an endless line is refused with its body") {
  Server server;
  Client client(server);
  const std::string line = "set a 0 0 4000" + std::string(9000, ' ') + "\r\n";
  REQUIRE(client.Send(line) == "CLIENT_ERROR bad command line format\r\n");
  REQUIRE(client.Send(Pattern(4000) + "\r\nversion\r\n") == "VERSION 1.6.45\r\n");
}

}  // namespace
}  // namespace quarry::command
