#include "protocol/login_line.h"

#include <string>

#include "protocol/text_parser.h"
#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

/// A set that carries `token` as a client sends it.
std::string Login(const std::string& token, const std::string& options = "") {
  return "set login 0 0 " + std::to_string(token.size()) + options + "\r\n" + token + "\r\n";
}

void RefusedWith(Error error, const std::string& input, size_t consumed, uint64_t swallow_bytes) {
  CAPTURE(input);
  const LoginRequest request = ParseLogin(input);
  REQUIRE(request.action == LoginAction::kRefuse);
  CHECK(request.error == error);
  CHECK(request.consumed == consumed);
  CHECK(request.swallow_bytes == swallow_bytes);
}

/// A whole line that is no login; what announces a body has `body_bytes` dropped behind it.
void Refused(const std::string& line, uint64_t body_bytes = 0) {
  RefusedWith(Error::kUnauthenticated, line + "\r\n", line.size() + 2, body_bytes);
}

void Tried(const std::string& input, const std::string& user, const std::string& password) {
  CAPTURE(input);
  const std::string pipelined = input + "get a\r\n";
  const LoginRequest request = ParseLogin(pipelined);
  REQUIRE(request.action == LoginAction::kTry);
  CHECK(request.user == user);
  CHECK(request.password == password);
  CHECK(request.consumed == input.size());
  CHECK(request.swallow_bytes == 0);
}

TEST_CASE("A set is a login, whatever its key, flags and time are") {
  Tried(Login("ann secret"), "ann", "secret");
  Tried(Login("ann secret", " noreply"), "ann", "secret");
  Tried("set x y z 5\r\na sec\r\n", "a", "sec");
  Tried("set  a  b  c  3 \na b\r\n", "a", "b");
  Tried("set " + std::string(251, 'k') + " 0 0 3\r\na b\r\n", "a", "b");
}

TEST_CASE("The user ends at the first space, and the password where the token does") {
  Tried(Login("ann two words"), "ann", "two words");
  Tried(Login("ann  b"), "ann", " b");
  Tried(Login("ann \r\nb"), "ann", "\r\nb");
  Tried(Login("ann "), "ann", "");
  Tried(Login(" secret"), "", "secret");
}

TEST_CASE("A token without a space, or not ended by CRLF, is refused with its body") {
  const std::string no_space = Login("secret");
  RefusedWith(Error::kBadTokenFormat, no_space, no_space.size(), 0);
  const std::string empty = Login("");
  RefusedWith(Error::kBadTokenFormat, empty, empty.size(), 0);
  const std::string too_long = "set k 0 0 3\r\na bcd\r\n";
  RefusedWith(Error::kBadTokenEnd, too_long, too_long.size() - 2, 0);
}

TEST_CASE("A login that nobody can have is tried without its token, and a longer one refused") {
  const std::string line = "set k 0 0 4097\r\n";
  const LoginRequest request = ParseLogin(line);
  REQUIRE(request.action == LoginAction::kTry);
  CHECK(request.user.empty());
  CHECK(request.consumed == line.size());
  CHECK(request.swallow_bytes == 4099);
  CHECK(ParseLogin("set k 0 0 16384\r\n").action == LoginAction::kTry);
  RefusedWith(Error::kTokenTooLong, "set k 0 0 16385\r\n", 17, 16387);
  RefusedWith(Error::kTokenTooLong, "set k 0 0 1000000000\r\n", 22, 1000000002);
}

TEST_CASE("Everything else is refused line by line") {
  Refused("get a b c");
  Refused("gets a");
  Refused("gat 10 a b");
  Refused("delete a");
  Refused("incr a 1 noreply");
  Refused("version");
  Refused("flush_all");
  Refused("shutdown");
  Refused("mg a v");
  Refused("SET a 0 0 1");
  Refused("nonsense");
}

TEST_CASE("The body of a refused storage command is dropped") {
  Refused("add a 0 0 5", 7);
  Refused("add a 0 0 5 noreply", 7);
  Refused("cas a 0 0 5 1", 7);
  Refused("ms a 5 T0", 7);
  Refused("append a x y 5", 7);
  Refused("replace a 0 0 1000000", 1000002);
}

TEST_CASE("Behind a storage command of unknown length nothing may follow") {
  for (const std::string line : {"set a 0 0\r\n", "set a 0 0 x\r\n", "set a 0 0 -1\r\n",
                                 "set a 0 0 4294967296\r\n", "add a 0 0 x\r\n"}) {
    CAPTURE(line);
    const LoginRequest request = ParseLogin(line);
    REQUIRE(request.action == LoginAction::kRefuse);
    CHECK(request.error == Error::kUnauthenticated);
    CHECK(request.close_if_more);
  }
}

TEST_CASE("quit, a line too short for any command, and HTTP end the conversation") {
  for (const std::string line : {"quit\r\n", "quit\n", "quit now\r\n", "mn\r\n", "\r\n", "\n",
                                 "a\r\n", "GET / HTTP/1.1\r\n"}) {
    CAPTURE(line);
    REQUIRE(ParseLogin(line).action == LoginAction::kQuit);
  }
}

TEST_CASE("A line may be 2048 bytes long, whether or not its end has come") {
  const std::string longest = "get " + std::string(kMaxLineBytes - 4, 'k');
  REQUIRE(ParseLogin(longest).action == LoginAction::kNeedMore);
  REQUIRE(ParseLogin(longest + "\n").action == LoginAction::kRefuse);
  REQUIRE(ParseLogin(longest + "k").action == LoginAction::kQuit);
  REQUIRE(ParseLogin(longest + "k\n").action == LoginAction::kQuit);
}

TEST_CASE("Until a login is whole, exactly its bytes are waited for") {
  const std::string login = Login("ann secret");
  const size_t line_bytes = login.find('\n') + 1;
  for (size_t size = 0; size < login.size(); ++size) {
    CAPTURE(size);
    const LoginRequest request = ParseLogin(login.substr(0, size));
    REQUIRE(request.action == LoginAction::kNeedMore);
    REQUIRE(request.wanted_bytes == (size < line_bytes ? size + 1 : login.size()));
  }
}

}  // namespace
}  // namespace quarry::protocol
