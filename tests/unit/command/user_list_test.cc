#include "daemon/command/user_list.h"

#include <chrono>
#include <string>
#include <utility>

#include "daemon/command/user_store.h"
#include "tests/support/catch.h"

namespace quarry::command {
namespace {

UserList Users(const std::string& text) {
  absl::StatusOr<UserList> users = UserList::Parse(text);
  CAPTURE(text);
  if (!users.ok()) {
    FAIL(std::string(users.status().message()));
  }
  return *std::move(users);
}

void Refused(const std::string& text, const std::string& reason) {
  CAPTURE(text);
  const absl::StatusOr<UserList> users = UserList::Parse(text);
  REQUIRE(!users.ok());
  CHECK(std::string(users.status().message()) == reason);
}

TEST_CASE("A user is accepted with the whole of the own password") {
  const UserList users = Users("ann:secret\nbob:other\n");
  REQUIRE(users.size() == 2);
  REQUIRE(users.Accepts("ann", "secret"));
  REQUIRE(users.Accepts("bob", "other"));
  for (const auto& [user, password] :
       std::initializer_list<std::pair<const char*, const char*>>{{"ann", "other"},
                                                                  {"bob", "secret"},
                                                                  {"ann", "secre"},
                                                                  {"ann", "secret "},
                                                                  {"ann", "Secret"},
                                                                  {"ann", ""},
                                                                  {"an", "secret"},
                                                                  {"anna", "secret"},
                                                                  {"", "secret"},
                                                                  {"", ""},
                                                                  {"carl", "secret"}}) {
    CAPTURE(user, password);
    REQUIRE(!users.Accepts(user, password));
  }
}

TEST_CASE("A NUL that is given does not end a password") {
  const UserList users = Users("ann:secret\n");
  REQUIRE(!users.Accepts("ann", std::string_view("secret\0", 7)));
  REQUIRE(!users.Accepts(std::string_view("ann\0", 4), "secret"));
}

TEST_CASE("A password goes from the first colon to the end of the line") {
  const UserList users = Users("ann:a:b c: \r\n\r\n\nbob:\tx");
  REQUIRE(users.Accepts("ann", "a:b c: "));
  REQUIRE(users.Accepts("bob", "\tx"));
}

TEST_CASE("There may be many users") {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "user" + std::to_string(i) + ":password" + std::to_string(i) + "\n";
  }
  const UserList users = Users(text);
  REQUIRE(users.Accepts("user999", "password999"));
  REQUIRE(!users.Accepts("user999", "password998"));
}

TEST_CASE("Reading many users takes a time that grows as their number does") {
  constexpr int kUsers = 200'000;
  std::string text;
  for (int i = 0; i < kUsers; ++i) {
    text += std::to_string(i) + ":x\n";
  }
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(Users(text).size() == kUsers);
  // A look at all lines before for each line would take minutes.
  REQUIRE(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  Refused(text + "7:y\n", "line 200001: a user who stands in a line before");
}

TEST_CASE("A line that is wrong is named by its number, and not shown") {
  Refused("ann:secret\nbobsecret\n", "line 2: no colon between user and password");
  Refused("\n\n:secret\n", "line 3: no user before the colon");
  Refused("ann:\n", "line 1: no password behind the colon");
  Refused("an n:secret\n", "line 1: a space in the user's name");
  Refused("ann:a\nbob:b\nann:c\n", "line 3: a user who stands in a line before");
  Refused(std::string("ann:a\0b\n", 8), "line 1: a NUL byte");
  Refused("ann:" + std::string(1021, 'x') + "\n", "line 1: longer than 1024 bytes");
  REQUIRE(Users("ann:" + std::string(1020, 'x') + "\n").Accepts("ann", std::string(1020, 'x')));
}

TEST_CASE("A list without a user is refused") {
  Refused("", "no user in it");
  Refused("\n\r\n", "no user in it");
}

TEST_CASE("A store asks the list of the moment") {
  UserStore store(Users("ann:secret\n"));
  REQUIRE(store.Accepts("ann", "secret"));
  store.Replace(Users("ann:new\n"));
  REQUIRE(!store.Accepts("ann", "secret"));
  REQUIRE(store.Accepts("ann", "new"));
}

}  // namespace
}  // namespace quarry::command
