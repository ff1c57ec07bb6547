#include <string>

#include "daemon/command/user_store.h"
#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

const std::string kUnauthenticated = "CLIENT_ERROR unauthenticated\r\n";
const std::string kFailure = "CLIENT_ERROR authentication failure\r\n";

UserList Users(const std::string& text) {
  return *UserList::Parse(text);
}

/// A server with the one user ann.
struct Guarded {
  UserStore users{Users("ann:secret\n")};
  Server server;

  Guarded() { server.context().text_users = &users; }
};

std::string Login(const std::string& token) {
  return Storage("set login 0 0 " + std::to_string(token.size()), token);
}

TEST_CASE("Before the login every command is refused, and after it every one works") {
  Guarded guarded;
  Client client(guarded.server);
  REQUIRE(client.Send("get a\r\nversion\r\n") == kUnauthenticated + kUnauthenticated);
  REQUIRE(client.Send(Storage("add a 0 0 1", "x")) == kUnauthenticated);
  REQUIRE(client.Send(Login("ann secret")) == "STORED\r\n");
  REQUIRE(client.Send("get a login\r\n") == "END\r\n");
  REQUIRE(client.Send(Storage("set a 0 0 1", "x")) == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == ValueBlock("a", "x") + "END\r\n");
}

TEST_CASE("Each connection logs in for itself") {
  Guarded guarded;
  Client one(guarded.server);
  Client other(guarded.server);
  REQUIRE(one.Send(Login("ann secret")) == "STORED\r\n");
  REQUIRE(other.Send("get a\r\n") == kUnauthenticated);
}

TEST_CASE("After a wrong password another may be tried") {
  Guarded guarded;
  Client client(guarded.server);
  REQUIRE(client.Send(Login("ann wrong")) == kFailure);
  REQUIRE(client.Send(Login("bob secret")) == kFailure);
  REQUIRE(client.Send("get a\r\n") == kUnauthenticated);
  REQUIRE(client.Send(Login("ann secret")) == "STORED\r\n");
}

TEST_CASE("quit ends the connection before the login as well") {
  Guarded guarded;
  Client client(guarded.server);
  REQUIRE(client.Send("quit\r\n").empty());
  REQUIRE(client.closed());
}

TEST_CASE("stats counts logins and those that failed") {
  Guarded guarded;
  Client client(guarded.server);
  client.Send(Login("ann wrong") + Login("nobody") + Login("ann secret"));
  const std::string reply = client.Send("stats\r\n");
  REQUIRE(StatOf(reply, "auth_cmds") == "2");
  REQUIRE(StatOf(reply, "auth_errors") == "1");
  client.Send("stats reset\r\n");
  REQUIRE(StatOf(client.Send("stats\r\n"), "auth_cmds") == "0");
}

TEST_CASE("Wherever a login is cut, and whatever it follows, the replies are the same") {
  const std::string script =
      "get a b\r\n" + Storage("add k 0 0 7000 noreply", Pattern(7000)) +
      Login(std::string(5000, 'x')) + Login(std::string(20000, 'y')) + Login("ann wrong") +
      "ms k 3 T0\r\nabc\r\nset k 0 0 3\r\na b--get a\r\n" + Login("token") + Login("ann secret") +
      Storage("set k 0 0 7000", Pattern(7000)) + "get k\r\nquit\r\n";
  const std::string expected =
      kUnauthenticated + kUnauthenticated + kFailure + "CLIENT_ERROR auth token too long\r\n" +
      kFailure + kUnauthenticated + "CLIENT_ERROR bad command line termination\r\n" +
      kUnauthenticated + "CLIENT_ERROR bad authentication token format\r\n" +
      "STORED\r\nSTORED\r\n" + ValueBlock("k", Pattern(7000)) + "END\r\n";
  for (const size_t fragment_bytes : {1U, 2U, 3U, 5U, 7U, 13U, 100U, 1448U, 16384U, 100000U}) {
    CAPTURE(fragment_bytes);
    Guarded guarded;
    Client client(guarded.server);
    REQUIRE(client.SendCut(script, fragment_bytes) == expected);
    REQUIRE(client.closed());
  }
}

TEST_CASE("A store of unknown length is never followed by the bytes of its body") {
  Guarded guarded;
  Client client(guarded.server);
  REQUIRE(client.Send("set k 0 0 x\r\n" + Login("ann secret")) == kUnauthenticated);
  REQUIRE(client.closed());
}

}  // namespace
}  // namespace quarry::command
