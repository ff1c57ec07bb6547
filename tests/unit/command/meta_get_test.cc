#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

TEST_CASE("mg answers HD, VA or EN") {
  Server server;
  Client client(server);
  client.Send("set a 7 0 3\r\nabc\r\n");
  REQUIRE(client.Send("mg a\r\n") == "HD\r\n");
  REQUIRE(client.Send("mg a v\r\n") == "VA 3\r\nabc\r\n");
  REQUIRE(client.Send("mg b v\r\n") == "EN\r\n");
  REQUIRE(client.Send("mg\r\n") == "CLIENT_ERROR bad command line format\r\n");
}

TEST_CASE("mg returns its flags in the order they were given") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 3 F7 E99 T100\r\nabc\r\nmg a s v f k c Oq1 t\r\n") ==
          "HD\r\nVA 3 s3 f7 ka c99 Oq1 t100\r\nabc\r\n");
  REQUIRE(client.Send("mg a O T0 c k f s t\r\n") == "HD O c99 ka f7 s3 t-1\r\n");
}

TEST_CASE("A miss echoes key and opaque only") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("mg a s v f k c Oq1 t h l\r\n") == "EN ka Oq1\r\n");
}

TEST_CASE("q hides a miss of mg and nothing else") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("mg b v q k\r\nmg a v q k\r\nmn\r\n") == "VA 1 ka\r\nx\r\nMN\r\n");
  REQUIRE(client.Send("mg a q !\r\n") == "CLIENT_ERROR bad command line format\r\n");
}

TEST_CASE("h and l tell of the access before, which u does not count as") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 0 1\r\nx\r\nmg a h u\r\nmg a h l\r\n") ==
          "STORED\r\nHD h0\r\nHD h0 l0\r\n");
  REQUIRE(client.Send("mg a h\r\n") == "HD h1\r\n");
}

TEST_CASE("t before T shows the old end and t behind it the new one") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("mg a t\r\n") == "HD t-1\r\n");
  REQUIRE(client.Send("mg a t T100\r\n") == "HD t-1\r\n");
  REQUIRE(client.Send("mg a T200 t\r\n") == "HD t200\r\n");
  REQUIRE(client.Send("mg a T0 t\r\n") == "HD t-1\r\n");
}

TEST_CASE("N creates a missing item, and one client wins the right to fill it") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("mg a N30 v t k c E55\r\n") == "VA 0 t30 ka c55 W\r\n\r\n");
  REQUIRE(client.Send("mg a N30 s\r\n") == "HD s0 Z\r\n");
  REQUIRE(client.Send("ms a 1\r\nx\r\n") == "HD\r\n");
  REQUIRE(client.Send("mg a N30 v\r\n") == "VA 1\r\nx\r\n");
}

TEST_CASE("With N and T a created item lives as the last of them says") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("mg a N30 T100 t\r\n") == "HD t100 W\r\n");
  REQUIRE(client.Send("mg b T100 N30 t\r\n") == "HD t30 W\r\n");
  REQUIRE(client.Send("mg c t N30\r\nmg c t N50\r\n") == "HD t-1 W\r\nHD t30 Z\r\n");
}

TEST_CASE("R lets one client win when little time remains") {
  Server server;
  Client client(server);
  client.Send("set a 0 100 1\r\nx\r\n");
  REQUIRE(client.Send("mg a R30\r\n") == "HD\r\n");
  REQUIRE(client.Send("mg a R300\r\n") == "HD W\r\n");
  REQUIRE(client.Send("mg a R300\r\n") == "HD Z\r\n");
  client.Send("set b 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("mg b R300\r\n") == "HD\r\n");
}

TEST_CASE("A stale item is marked, and its first reader wins") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("md a I T30\r\nmg a v t\r\n") == "HD\r\nVA 1 t30 X W\r\nx\r\n");
  REQUIRE(client.Send("mg a v\r\n") == "VA 1 Z X\r\nx\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 0 1\r\nx\r\nEND\r\n");
  client.Send("set a 0 0 1\r\ny\r\n");
  REQUIRE(client.Send("mg a v\r\n") == "VA 1\r\ny\r\n");
}

TEST_CASE("A classic get takes no win from the one who is to refill the item") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\nmd a I\r\nget a\r\n");
  REQUIRE(client.Send("mg a\r\n") == "HD X W\r\n");
}

TEST_CASE("With C the value is sent only if it has changed") {
  Server server;
  Client client(server);
  client.Send("ms a 1 E77\r\nx\r\n");
  REQUIRE(client.Send("mg a v s C77\r\n") == "HD s1\r\n");
  REQUIRE(client.Send("mg a v s C76\r\n") == "VA 1 s1\r\nx\r\n");
}

TEST_CASE("A base64 key names the decoded bytes, and the item remembers") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms Zm9v 1 b k\r\nx\r\n") == "HD kZm9v b\r\n");
  REQUIRE(client.Send("mg Zm9v b k v\r\n") == "VA 1 kZm9v b\r\nx\r\n");
  REQUIRE(client.Send("mg foo k v\r\n") == "VA 1 kZm9v b\r\nx\r\n");
  REQUIRE(client.Send("mg Zm9v k\r\n") == "EN kZm9v\r\n");
  REQUIRE(client.Send("mg YmFy b k\r\n") == "EN kYmFy b\r\n");
  REQUIRE(client.Send("mg Zm9v! b\r\n") == "CLIENT_ERROR error decoding key\r\n");
}

TEST_CASE("A base64 key may hold any byte") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms AAEgDQo= 2 b\r\nhi\r\n") == "HD\r\n");
  REQUIRE(client.Send("mg AAEgDQo= b v k\r\n") == "VA 2 kAAEgDQo= b\r\nhi\r\n");
  REQUIRE(client.Send("md AAEgDQo= b k\r\n") == "HD kAAEgDQo= b\r\n");
}

TEST_CASE("me describes an item without touching it") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("me a\r\n") == "EN\r\n");
  const std::string stored = "HD\r\nME a exp=-1 la=0 cas=9 fetch=no cls=";
  REQUIRE(client.Send("ms a 3 E9\r\nabc\r\nme a\r\n").substr(0, stored.size()) == stored);
  REQUIRE(client.Send("me a\r\n").find(" size=63\r\n") != std::string::npos);
  const std::string read = "HD\r\nME a exp=50 la=0 cas=9 fetch=yes cls=";
  REQUIRE(client.Send("mg a T50\r\nme a\r\n").substr(0, read.size()) == read);
  client.Send("ms Zm9v 1 b\r\nx\r\n");
  REQUIRE(client.Send("me Zm9v b\r\n").substr(0, 15) == "ME Zm9v exp=-1 ");
  REQUIRE(client.Send("me\r\n") == "CLIENT_ERROR bad command line format\r\n");
}

TEST_CASE("mn answers behind all that came before it") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("mn\r\n") == "MN\r\n");
  REQUIRE(client.Send("mg a q\r\nms b 1 q\r\nx\r\nmd b q\r\nmn ignored\r\n") == "MN\r\n");
}

TEST_CASE("A malformed flag is refused") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("mg a k k\r\n") == "CLIENT_ERROR duplicate flag\r\n");
  REQUIRE(client.Send("mg a W\r\n") == "CLIENT_ERROR invalid flag\r\n");
  REQUIRE(client.Send("mg a Tx\r\n") == "CLIENT_ERROR bad token in command line format\r\n");
  REQUIRE(client.Send("mg a O" + std::string(32, 'o') + "\r\n") ==
          "CLIENT_ERROR opaque token too long\r\n");
}

}  // namespace
}  // namespace quarry::command
