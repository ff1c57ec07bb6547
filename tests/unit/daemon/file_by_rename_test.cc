#include "daemon/file_by_rename.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "daemon/pid_file.h"
#include "daemon/port_file.h"
#include "tests/support/catch.h"
#include "tests/unit/daemon/scratch_directory.h"

namespace quarry::daemon {
namespace {

TEST_CASE("A file written by rename replaces the old one and leaves nothing beside it") {
  const ScratchDirectory directory;
  directory.Write("/file", "old and longer");
  REQUIRE(WriteFileByRename(directory.path() + "/file", "new\n").ok());
  REQUIRE(directory.Read("/file") == "new\n");
  const std::filesystem::directory_iterator entries(directory.path());
  REQUIRE(std::distance(begin(entries), end(entries)) == 1);
  struct stat file = {};
  REQUIRE(stat((directory.path() + "/file").c_str(), &file) == 0);
  REQUIRE((file.st_mode & 0777U) == 0644U);
}

TEST_CASE("A file that cannot be written is an error that names it") {
  const absl::Status status = WriteFileByRename("/nowhere/file", "text");
  REQUIRE_FALSE(status.ok());
  REQUIRE_THAT(std::string(status.message()), Catch::Contains("/nowhere/file"));
}

TEST_CASE("The pid file holds the process's id and goes when it is removed") {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/pid";
  const absl::StatusOr<PidFile> pid_file = PidFile::Write(path);
  REQUIRE(pid_file.ok());
  REQUIRE(pid_file->path() == path);
  REQUIRE(directory.Read("/pid") == std::to_string(getpid()) + "\n");
  REQUIRE(pid_file->Remove().ok());
  REQUIRE_FALSE(std::filesystem::exists(path));
  REQUIRE(pid_file->Remove().ok());
}

TEST_CASE("A pid file that another process has taken over stays") {
  const ScratchDirectory directory;
  const absl::StatusOr<PidFile> pid_file = PidFile::Write(directory.path() + "/pid");
  REQUIRE(pid_file.ok());
  directory.Write("/pid", "1\n");
  REQUIRE(pid_file->Remove().ok());
  REQUIRE(directory.Read("/pid") == "1\n");
}

TEST_CASE("The port file has one line for each address") {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/ports";
  REQUIRE(WritePortFile(path, {{"127.0.0.1", 5001}, {"::1", 5002}}, {{"::1", 5003}}).ok());
  REQUIRE(directory.Read("/ports") == "TCP INET: 5001\nTCP INET6: 5002\nUDP INET6: 5003\n");
}

}  // namespace
}  // namespace quarry::daemon
