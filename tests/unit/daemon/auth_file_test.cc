#include "daemon/auth_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/support/catch.h"
#include "tests/unit/daemon/scratch_directory.h"

namespace quarry::daemon {
namespace {

std::string Trouble(const absl::Status& status) {
  return std::string(status.message());
}

TEST_CASE("The users of a file are let in, and those of a new one after it is read again") {
  const ScratchDirectory directory;
  directory.Write("/users", "ann:secret\nbob:other\n");
  const auto file = AuthFile::Open(directory.path() + "/users");
  REQUIRE(file.ok());
  REQUIRE((*file)->user_count() == 2);
  REQUIRE((*file)->users().Accepts("ann", "secret"));
  directory.Write("/users", "ann:new\n");
  REQUIRE((*file)->users().Accepts("ann", "secret"));
  REQUIRE((*file)->Reload().ok());
  REQUIRE((*file)->user_count() == 1);
  REQUIRE(!(*file)->users().Accepts("ann", "secret"));
  REQUIRE((*file)->users().Accepts("ann", "new"));
}

TEST_CASE("A file that is wrong when it is read again leaves the users of before") {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/users";
  directory.Write("/users", "ann:secret\n");
  const auto file = AuthFile::Open(path);
  REQUIRE(file.ok());
  directory.Write("/users", "ann:new\nbob\n");
  REQUIRE(Trouble((*file)->Reload()) ==
          "reading " + path + ": line 2: no colon between user and password");
  REQUIRE((*file)->user_count() == 1);
  REQUIRE((*file)->users().Accepts("ann", "secret"));
  REQUIRE(!(*file)->users().Accepts("ann", "new"));
}

TEST_CASE("A FIFO in the place of the file keeps nobody waiting and leaves the users of before") {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/users";
  directory.Write("/users", "ann:secret\n");
  const auto file = AuthFile::Open(path);
  REQUIRE(file.ok());
  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  REQUIRE(Trouble((*file)->Reload()) == "reading " + path + ": not a regular file");
  REQUIRE((*file)->users().Accepts("ann", "secret"));
}

TEST_CASE("What is no file of users is named with the reason") {
  const ScratchDirectory directory;
  const auto refused = [&directory](const std::string& name, const std::string& reason) {
    const std::string path = directory.path() + name;
    CAPTURE(path);
    const auto file = AuthFile::Open(path);
    REQUIRE(!file.ok());
    CHECK_THAT(Trouble(file.status()), Catch::StartsWith("reading " + path + ": " + reason));
  };
  refused("/missing", "No such file or directory");
  refused("", "not a regular file");
  REQUIRE(mkfifo((directory.path() + "/fifo").c_str(), 0600) == 0);
  refused("/fifo", "not a regular file");
  directory.Write("/empty", "");
  refused("/empty", "no user in it");
  directory.Write("/long", std::string(AuthFile::kMaxBytes, '\n') + "ann:secret\n");
  refused("/long", "longer than 1 MB");
}

}  // namespace
}  // namespace quarry::daemon
