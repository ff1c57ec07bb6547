#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

TEST_CASE("ms stores and returns its flags") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 2 F5 T100 c k s Oq E42\r\nhi\r\nmg a f t v\r\n") ==
          "HD c42 ka s2 Oq\r\nVA 2 f5 t100\r\nhi\r\n");
}

TEST_CASE("The modes of ms") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 1 MR\r\nx\r\n") == "NS\r\n");
  REQUIRE(client.Send("ms a 1 MA k c\r\nx\r\n") == "NS ka c0\r\n");
  REQUIRE(client.Send("ms a 1 MP\r\nx\r\n") == "NS\r\n");
  REQUIRE(client.Send("ms a 1 ME\r\nb\r\n") == "HD\r\n");
  REQUIRE(client.Send("ms a 1 ME\r\nx\r\n") == "NS\r\n");
  REQUIRE(client.Send("ms a 1 MA s\r\nc\r\n") == "HD s2\r\n");
  REQUIRE(client.Send("ms a 1 MP s\r\na\r\n") == "HD s3\r\n");
  REQUIRE(client.Send("mg a v\r\n") == "VA 3\r\nabc\r\n");
  REQUIRE(client.Send("ms a 1 MR\r\nr\r\nms a 1 MS\r\ns\r\nmg a v\r\n") ==
          "HD\r\nHD\r\nVA 1\r\ns\r\n");
  REQUIRE(client.Send("ms a 1 Mx\r\ns\r\n") == "CLIENT_ERROR invalid mode for ms M token\r\n");
}

TEST_CASE("N lets append and prepend create") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 1 MA N30 T100\r\nx\r\nmg a t v\r\n"
                      "ms a 1 MA N90\r\ny\r\nmg a t v\r\n") ==
          "HD\r\nVA 1 t30\r\nx\r\nHD\r\nVA 2 t30\r\nxy\r\n");
}

TEST_CASE("ms with C stores over that version only") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 1 C5 k\r\nx\r\n") == "NF ka\r\n");
  client.Send("ms a 1 E5\r\nx\r\n");
  REQUIRE(client.Send("ms a 1 C4\r\ny\r\n") == "EX\r\n");
  REQUIRE(client.Send("ms a 1 C5 E6 c\r\ny\r\n") == "HD c6\r\n");
  REQUIRE(client.Send("ms a 1 C5 c Oo\r\nz\r\n") == "EX c0 Oo\r\n");
  REQUIRE(client.Send("ms a 1 MA C5\r\nz\r\n") == "EX\r\n");
  REQUIRE(client.Send("mg a v\r\n") == "VA 1\r\ny\r\n");
}

TEST_CASE("ms with I and an older version stores a stale item") {
  Server server;
  Client client(server);
  client.Send("ms a 1 E10\r\nx\r\n");
  REQUIRE(client.Send("ms a 1 I C9\r\ny\r\n") == "HD\r\n");
  REQUIRE(client.Send("mg a v\r\n") == "VA 1 X W\r\ny\r\n");
  client.Send("ms a 1 E10\r\nx\r\n");
  REQUIRE(client.Send("ms a 1 I C11\r\nz\r\n") == "EX\r\n");
}

TEST_CASE("q hides HD of ms and nothing else") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 1 q\r\nx\r\n").empty());
  REQUIRE(client.Send("ms a 1 q ME\r\nx\r\n") == "NS\r\n");
  REQUIRE(client.Send("ms a 1 q C0\r\nx\r\n") == "EX\r\n");
  REQUIRE(client.Send("ms b 1 q C1\r\nx\r\n") == "NF\r\n");
  REQUIRE(client.Send("ms a 1 q\r\nxyz") == "CLIENT_ERROR bad data chunk\r\n");
  REQUIRE(client.Send("ms a 2000000 q\r\n" + std::string(2000002, 'x')) ==
          "SERVER_ERROR object too large for cache\r\n");
  REQUIRE(client.Send("mg a\r\n") == "EN\r\n");
}

TEST_CASE("A bad ms line takes its body with it") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 9 k k\r\nflush_all\r\nmn\r\n") ==
          "CLIENT_ERROR duplicate flag\r\nMN\r\n");
  REQUIRE(client.Send("ms a 9 Fx\r\nflush_all\r\nmn\r\n") ==
          "CLIENT_ERROR bad command line format\r\nMN\r\n");
}

TEST_CASE("md deletes and echoes") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("md a k Oo\r\n") == "NF ka Oo\r\n");
  client.Send("ms a 1 E5\r\nx\r\n");
  REQUIRE(client.Send("md a C4 Oo\r\n") == "EX Oo\r\n");
  REQUIRE(client.Send("md a C5 k\r\n") == "HD ka\r\n");
  REQUIRE(client.Send("mg a\r\n") == "EN\r\n");
}

TEST_CASE("q hides HD of md and nothing else") {
  Server server;
  Client client(server);
  client.Send("ms a 1 E5\r\nx\r\n");
  REQUIRE(client.Send("md a C4 q\r\n") == "EX\r\n");
  REQUIRE(client.Send("md a q\r\n").empty());
  REQUIRE(client.Send("md a q\r\n") == "NF\r\n");
}

TEST_CASE("md with I leaves a stale item of a new version") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ms a 1 T100\r\nx\r\nmd a I E8\r\nmg a c t v\r\n") ==
          "HD\r\nHD\r\nVA 1 c8 t100 X W\r\nx\r\n");
}

TEST_CASE("md with x leaves an item without its value") {
  Server server;
  Client client(server);
  client.Send("ms a 1 T100 F7\r\nx\r\n");
  REQUIRE(client.Send("md a x\r\n") == "HD\r\n");
  REQUIRE(client.Send("mg a f t v\r\n") == "VA 0 f0 t-1\r\n\r\n");
  client.Send("ms a 1 T100 F7\r\nx\r\n");
  REQUIRE(client.Send("md a x I F9 T50\r\nmg a f t v\r\n") == "HD\r\nVA 0 f9 t50 X W\r\n\r\n");
}

TEST_CASE("ma counts") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ma a k Oo\r\n") == "NF ka Oo\r\n");
  client.Send("ms a 2\r\n10\r\n");
  REQUIRE(client.Send("ma a\r\n") == "HD\r\n");
  REQUIRE(client.Send("ma a v\r\n") == "VA 2\r\n12\r\n");
  REQUIRE(client.Send("ma a v D8\r\n") == "VA 2\r\n20\r\n");
  REQUIRE(client.Send("ma a v MD D5\r\n") == "VA 2\r\n15\r\n");
  REQUIRE(client.Send("ma a v M- D50\r\n") == "VA 1\r\n0\r\n");
  REQUIRE(client.Send("ma a v M+ D7 E9 c k t\r\n") == "VA 1 c9 ka t-1\r\n7\r\n");
  REQUIRE(client.Send("ma a C8 v\r\n") == "EX\r\n");
  REQUIRE(client.Send("ma a C9 v\r\n") == "VA 1\r\n8\r\n");
  REQUIRE(client.Send("ma a T60 t\r\n") == "HD t60\r\n");
}

TEST_CASE("ma with N creates the number it is given") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ma a N30 J13 v t\r\n") == "VA 2 t30\r\n13\r\n");
  REQUIRE(client.Send("ma early t N30\r\n") == "HD t-1\r\n");
  REQUIRE(client.Send("ma a N30 J13 v\r\n") == "VA 2\r\n14\r\n");
  REQUIRE(client.Send("ma b N0 v\r\n") == "VA 1\r\n0\r\n");
}

TEST_CASE("q hides every success of ma and nothing else") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ma a q\r\n") == "NF\r\n");
  REQUIRE(client.Send("ma a q N0\r\nma a q v\r\n").empty());
  REQUIRE(client.Send("ma a q C1\r\n") == "EX\r\n");
  client.Send("ms a 1\r\nx\r\n");
  REQUIRE(client.Send("ma a q\r\n") ==
          "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
}

TEST_CASE("A bad ma line") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("ma a Mx\r\n") == "CLIENT_ERROR invalid mode for ma M token\r\n");
  REQUIRE(client.Send("ma a Dx\r\n") == "CLIENT_ERROR invalid or duplicate flag\r\n");
}

}  // namespace
}  // namespace quarry::command
