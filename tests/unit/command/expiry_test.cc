#include <string>

#include "daemon/command/options_from_request.h"
#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

TEST_CASE("What the wire's times mean") {
  const Clock clock;
  const Moment moment{{1000, 1001}, clock};
  REQUIRE(ExpiryFromWire(0, moment) == kNever);
  REQUIRE(ExpiryFromWire(1, moment) == 1002);
  REQUIRE(ExpiryFromWire(2592000, moment) == 2593001);
  REQUIRE(ExpiryFromWire(2592001, moment) == kAlreadyExpired);
  REQUIRE(ExpiryFromWire(-1, moment) == kAlreadyExpired);
  REQUIRE(ExpiryFromWire(INT32_MIN, moment) == kAlreadyExpired);
  const auto start = static_cast<int32_t>(clock.unix_start());
  REQUIRE(ExpiryFromWire(start, moment) == kAlreadyExpired);
}

TEST_CASE("A unix time ends in the second of its own clock, whatever the moment of the batch") {
  const Clock clock;
  const Moment moment{{1000, 1001}, clock};
  const uint32_t before = clock.Now().floor_sec;
  const Expiry later = ExpiryFromWire(static_cast<int32_t>(clock.UnixNow()) + 500, moment);
  REQUIRE(later >= before + 499);
  REQUIRE(later <= clock.Now().ceil_sec + 500);
}

TEST_CASE("What has expired already is stored and never found") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 -1 1\r\nx\r\nget a\r\n") == "STORED\r\nEND\r\n");
  REQUIRE(client.Send("set a 0 2592001 1\r\nx\r\nget a\r\n") == "STORED\r\nEND\r\n");
  REQUIRE(client.Send("ms a 1 T-1\r\nx\r\nmg a\r\n") == "HD\r\nEN\r\n");
  REQUIRE(client.Send(Storage("set a 0 -1 20000", Pattern(20000)) + "get a\r\n") ==
          "STORED\r\nEND\r\n");
}

TEST_CASE("Relative and absolute times tell the same remaining seconds") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 1000 1\r\nx\r\nmg a t\r\n") == "STORED\r\nHD t1000\r\n");
  const int64_t at = server.clock().UnixNow() + 1000;
  const std::string reply = client.Send("set a 0 " + std::to_string(at) + " 1\r\nx\r\nmg a t\r\n");
  REQUIRE((reply == "STORED\r\nHD t1000\r\n" || reply == "STORED\r\nHD t999\r\n"));
}

}  // namespace
}  // namespace quarry::command
