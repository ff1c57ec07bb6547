#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "daemon/command/login_service.h"
#include "daemon/command/user_store.h"
#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

using namespace std::string_literals;

constexpr uint8_t kMechanisms = 0x20;
constexpr uint8_t kAuth = 0x21;
constexpr uint8_t kStep = 0x22;
constexpr uint16_t kAuthError = 0x20;
constexpr uint16_t kAuthContinue = 0x21;

const std::string kToken = "\0ann\0secret"s;

std::string Ask(Client& client, const Packet& packet) {
  return client.Send(RequestBytes(packet));
}

std::string LoggedIn(uint8_t opcode) {
  return ReplyBytes({.opcode = opcode, .value = "Authenticated"});
}

std::string Refused(uint8_t opcode) {
  return ReplyBytes({.opcode = opcode, .value = "Auth failure.", .status = kAuthError});
}

/// A server with the one user ann, who logs in by SASL.
struct Guarded {
  UserStore users{*UserList::Parse("ann:secret\n")};
  Server server;

  Guarded() { server.context().sasl_users = &users; }
};

/// And one connection, made after the server knows its users.
struct GuardedClient : Guarded {
  Client client{server};
};

TEST_CASE("A client logs in with one packet and may then do everything") {
  GuardedClient guarded;
  Client& client = guarded.client;
  REQUIRE(Ask(client, {kMechanisms}) == ReplyBytes({.opcode = kMechanisms, .value = "PLAIN"}));
  REQUIRE(Ask(client, {0x0b}) == ReplyBytes({.opcode = 0x0b, .value = "1.6.45"}));
  REQUIRE(Ask(client, {kAuth, "", "PLAIN", kToken}) == LoggedIn(kAuth));
  REQUIRE(Ask(client, {0x0a}) == ReplyBytes({.opcode = 0x0a}));
}

TEST_CASE("The token may come in a step of its own") {
  GuardedClient guarded;
  Client& client = guarded.client;
  REQUIRE(Ask(client, {kAuth, "", "PLAIN"}) ==
          ReplyBytes({.opcode = kAuth, .status = kAuthContinue}));
  REQUIRE(Ask(client, {kStep, "", "PLAIN", kToken}) == LoggedIn(kStep));
}

TEST_CASE("After a failure another login may be tried") {
  GuardedClient guarded;
  Client& client = guarded.client;
  for (const std::string& token : {"\0ann\0wrong"s, "\0bob\0secret"s, "ann\0secret"s,
                                   "bob\0ann\0secret"s, "token"s, std::string(9000, '\0')}) {
    REQUIRE(Ask(client, {kAuth, "", "PLAIN", token}) == Refused(kAuth));
  }
  REQUIRE(Ask(client, {kAuth, "", "CRAM-MD5", kToken}) == Refused(kAuth));
  REQUIRE(Ask(client, {kStep, "", "PLAIN", ""}) == Refused(kStep));
  REQUIRE(Ask(client, {kAuth, "", std::string(33, 'x'), kToken}) ==
          ReplyBytes({.opcode = kAuth, .value = "Invalid arguments", .status = 0x04}));
  REQUIRE(Ask(client, {kAuth, "", "PLAIN", kToken}) == LoggedIn(kAuth));
  const std::string stats = Ask(client, {0x10});
  const auto shows = [&stats](const std::string& name, const std::string& value) {
    return stats.find(ReplyBytes({.opcode = 0x10, .key = name, .value = value})) !=
           std::string::npos;
  };
  REQUIRE(shows("auth_cmds", "9"));
  REQUIRE(shows("auth_errors", "8"));
}

TEST_CASE("Before the login any other opcode ends the connection") {
  for (const Packet& packet :
       {Packet{0x00, "", "k"}, Packet{0x01, StoreExtras(0), "k", "v"}, Packet{0x08}, Packet{0x0a},
        Packet{0x10}, Packet{0x10, "", "settings"}, Packet{0x1b}, Packet{0x30}, Packet{0xff},
        Packet{0x01, StoreExtras(0), "k", std::string(100000, 'v')}}) {
    CAPTURE(int{packet.opcode});
    GuardedClient guarded;
    REQUIRE(Ask(guarded.client, packet) == Refused(packet.opcode));
    REQUIRE(guarded.client.closed());
    REQUIRE(guarded.server.engine().Stats(guarded.server.clock().Now()).items == 0);
  }
}

TEST_CASE("Before the login quit is heeded") {
  GuardedClient guarded;
  REQUIRE(Ask(guarded.client, {0x07}) == ReplyBytes({.opcode = 0x07}));
  REQUIRE(guarded.client.closed());
  Client quiet(guarded.server);
  REQUIRE(Ask(quiet, {0x17}).empty());
  REQUIRE(quiet.closed());
}

TEST_CASE("Where only SASL lets clients in, text is shut out, and the other way round") {
  GuardedClient guarded;
  REQUIRE(guarded.client.Send("version\r\n").empty());
  REQUIRE(guarded.client.closed());
  guarded.server.context().sasl_users = nullptr;
  guarded.server.context().text_users = &guarded.users;
  Client binary(guarded.server);
  REQUIRE(Ask(binary, {0x0b}).empty());
  REQUIRE(binary.closed());
}

TEST_CASE("Where users log in by text and by SASL, each protocol has its login") {
  GuardedClient guarded;
  guarded.server.context().text_users = &guarded.users;
  Client text(guarded.server);
  REQUIRE(text.Send("version\r\n") == "CLIENT_ERROR unauthenticated\r\n");
  REQUIRE(text.Send(Storage("set k 0 0 10", "ann secret")) == "STORED\r\n");
  REQUIRE(Ask(guarded.client, {kAuth, "", "PLAIN", kToken}) == LoggedIn(kAuth));
}

/// A service that keeps what it was asked until the test has decided.
struct SlowService final : LoginService {
  std::string token;
  std::shared_ptr<Verdict> verdict;

  void Ask(std::string asked, const std::shared_ptr<Verdict>& asker) override {
    token = std::move(asked);
    verdict = asker;
  }
};

TEST_CASE("A login that a service decides is answered when it has") {
  SlowService service;
  Server server;
  server.context().sasl_service = &service;
  Client client(server);
  REQUIRE(Ask(client, {kMechanisms}) == ReplyBytes({.opcode = kMechanisms, .value = "PLAIN"}));
  // The second request waits for the answer to the first.
  REQUIRE(
      client.Send(RequestBytes({kAuth, "", "PLAIN", kToken, 7}) + RequestBytes({0x0a})).empty());
  REQUIRE(client.waiting());
  REQUIRE(service.token == kToken);
  service.verdict->Give(true);
  REQUIRE(client.wake_count() == 1);
  REQUIRE(client.Resume() == ReplyBytes({.opcode = kAuth, .value = "Authenticated", .opaque = 7}) +
                                 ReplyBytes({.opcode = 0x0a}));
  REQUIRE(server.context().workers.front().auth_cmds == 1);
  REQUIRE(server.context().workers.front().auth_errors == 0);
}

TEST_CASE("A login that a service refuses may be tried again, and lets nothing else through") {
  SlowService service;
  Server server;
  server.context().sasl_service = &service;
  Client client(server);
  REQUIRE(Ask(client, {kAuth, "", "PLAIN", kToken}).empty());
  service.verdict->Give(false);
  REQUIRE(client.Resume() == Refused(kAuth));
  REQUIRE(Ask(client, {kAuth, "", "CRAM-MD5", kToken}) == Refused(kAuth));
  REQUIRE(Ask(client, {kStep, "", "PLAIN", kToken}).empty());
  service.verdict->Give(false);
  REQUIRE(client.Resume() == Refused(kStep));
  REQUIRE(server.context().workers.front().auth_errors == 3);
  REQUIRE(Ask(client, {0x00, "", "k"}) == Refused(0x00));
  REQUIRE(client.closed());
}

TEST_CASE("A later login that fails ends an earlier one") {
  for (const Packet& attempt :
       {Packet{kAuth, "", "PLAIN", "\0ann\0wrong"s}, Packet{kStep, "", "PLAIN", ""},
        Packet{kAuth, "", "CRAM-MD5", kToken}, Packet{kAuth, "", std::string(33, 'x'), kToken},
        Packet{kAuth, "", "PLAIN"}, Packet{kAuth, "", "PLAIN", std::string(9000, '\0')}}) {
    GuardedClient guarded;
    REQUIRE(Ask(guarded.client, {kAuth, "", "PLAIN", kToken}) == LoggedIn(kAuth));
    // What comes along with the attempt is behind it, too.
    const std::string replies =
        guarded.client.Send(RequestBytes(attempt) + RequestBytes({0x00, "", "k"}));
    REQUIRE_THAT(replies, Catch::EndsWith(Refused(0x00)));
    REQUIRE(guarded.client.closed());
  }
}

TEST_CASE("After a failure that has ended an earlier login, another login lets the client go on") {
  GuardedClient guarded;
  Client& client = guarded.client;
  REQUIRE(Ask(client, {kAuth, "", "PLAIN", kToken}) == LoggedIn(kAuth));
  REQUIRE(Ask(client, {kAuth, "", "PLAIN", "\0ann\0wrong"s}) == Refused(kAuth));
  REQUIRE(Ask(client, {kMechanisms}) == ReplyBytes({.opcode = kMechanisms, .value = "PLAIN"}));
  REQUIRE(Ask(client, {kAuth, "", "PLAIN", kToken}) == LoggedIn(kAuth));
  REQUIRE(Ask(client, {kMechanisms}) == ReplyBytes({.opcode = kMechanisms, .value = "PLAIN"}));
  REQUIRE(Ask(client, {0x0a}) == ReplyBytes({.opcode = 0x0a}));
}

TEST_CASE("A later login that a service refuses ends an earlier one") {
  SlowService service;
  Server server;
  server.context().sasl_service = &service;
  Client client(server);
  for (const bool accepted : {true, true, false}) {
    REQUIRE(Ask(client, {kAuth, "", "PLAIN", kToken}).empty());
    service.verdict->Give(accepted);
    REQUIRE(client.Resume() == (accepted ? LoggedIn(kAuth) : Refused(kAuth)));
    if (accepted) {
      REQUIRE(Ask(client, {0x0a}) == ReplyBytes({.opcode = 0x0a}));
    }
  }
  REQUIRE(Ask(client, {0x00, "", "k"}) == Refused(0x00));
  REQUIRE(client.closed());
}

TEST_CASE("Without users there is nothing to log in to") {
  Server server;
  Client client(server);
  for (const uint8_t opcode : {kMechanisms, kAuth, kStep}) {
    const Packet packet = opcode == kMechanisms ? Packet{opcode} : Packet{opcode, "", "PLAIN", "x"};
    REQUIRE(Ask(client, packet) ==
            ReplyBytes({.opcode = opcode, .value = "Unknown command", .status = 0x81}));
  }
}

TEST_CASE("Wherever a login by SASL is cut, the replies are the same") {
  const std::string script = RequestBytes({kMechanisms}) + RequestBytes({0x0b}) +
                             RequestBytes({kAuth, "", "PLAIN", "\0ann\0wrong"s}) +
                             RequestBytes({kAuth, "", "PLAIN", std::string(20000, 'x')}) +
                             RequestBytes({kAuth, "", "PLAIN", kToken}) + RequestBytes({0x0a}) +
                             RequestBytes({0x07});
  const std::string expected = ReplyBytes({.opcode = kMechanisms, .value = "PLAIN"}) +
                               ReplyBytes({.opcode = 0x0b, .value = "1.6.45"}) + Refused(kAuth) +
                               Refused(kAuth) + LoggedIn(kAuth) + ReplyBytes({.opcode = 0x0a}) +
                               ReplyBytes({.opcode = 0x07});
  for (size_t fragment_bytes = 1; fragment_bytes <= 64; ++fragment_bytes) {
    CAPTURE(fragment_bytes);
    GuardedClient guarded;
    REQUIRE(guarded.client.SendCut(script, fragment_bytes) == expected);
    REQUIRE(guarded.client.closed());
  }
}

}  // namespace
}  // namespace quarry::command
