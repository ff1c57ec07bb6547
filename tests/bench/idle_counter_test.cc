#include "tests/bench/idle_counter.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

TEST_CASE("What one opener of an idle counter adds, another reads") {
  std::string path = "/tmp/idle-counter-XXXXXX";
  const int fd = mkstemp(path.data());
  REQUIRE(fd >= 0);
  close(fd);
  std::string error;
  const auto writer = IdleCounter::Open(path, &error);
  const auto reader = IdleCounter::Open(path, &error);
  REQUIRE(writer != nullptr);
  REQUIRE(reader != nullptr);
  CHECK(reader->Ns() == 0);
  writer->Add(5);
  writer->Add(7);
  CHECK(reader->Ns() == 12);
  unlink(path.c_str());
}

TEST_CASE("An idle counter that cannot be opened names its path") {
  std::string error;
  CHECK(IdleCounter::Open("/nowhere/idle", &error) == nullptr);
  CHECK(error.starts_with("/nowhere/idle: "));
}

}  // namespace
}  // namespace quarry::bench
