#include "tests/bench/hitratio/file_trace.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

/// A file of this text that goes away with the test.
class TraceFile {
 public:
  explicit TraceFile(std::string_view text) {
    const int fd = mkstemp(path_.data());
    REQUIRE(fd >= 0);
    close(fd);
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TraceFile() { std::remove(path_.c_str()); }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/quarry-trace-XXXXXX";
};

struct Reading {
  std::vector<std::pair<std::string, size_t>> requests;
  std::string error;
};

Reading ReadAll(const std::string& path) {
  ValueSizes::Options sizes;
  REQUIRE(ValueSizes::Parse("70", &sizes).empty());
  FileTrace trace(path, sizes);
  Reading reading;
  TraceRequest request;
  while (trace.Next(&request)) {
    reading.requests.emplace_back(request.key, request.value_bytes);
  }
  reading.error = trace.error();
  return reading;
}

TEST_CASE("A trace file gives an id a line, with its size or with the size for all others") {
  const TraceFile file("17\nkey:a 0\n17\t1000\nb  52428800");
  const Reading reading = ReadAll(file.path());
  REQUIRE(reading.error.empty());
  REQUIRE(reading.requests == std::vector<std::pair<std::string, size_t>>{
                                  {"17", 70}, {"key:a", 0}, {"17", 1000}, {"b", 52428800}});
}

TEST_CASE("Equal ids have equal key numbers, others do not") {
  const TraceFile file("a\nb\na\n");
  FileTrace trace(file.path(), {});
  std::vector<uint64_t> numbers;
  TraceRequest request;
  while (trace.Next(&request)) {
    numbers.push_back(request.key_number);
  }
  REQUIRE(numbers.size() == 3);
  REQUIRE(numbers[0] == numbers[2]);
  REQUIRE(numbers[0] != numbers[1]);
}

TEST_CASE("A line that is no request is told with its file and number") {
  const std::string long_id(251, 'x');
  const std::vector<std::pair<std::string, std::string>> bad_lines = {
      {"", "no id at the beginning of the line"},
      {" a", "no id at the beginning of the line"},
      {long_id, "an id of 251 bytes, at most 250"},
      {"a\r", "a control character in the id"},
      {"a ", "space at the end of the line"},
      {"a 1 ", "the second column is not a size from 0 to 52428800"},
      {"a 1 2", "the second column is not a size from 0 to 52428800"},
      {"a -1", "the second column is not a size from 0 to 52428800"},
      {"a 1k", "the second column is not a size from 0 to 52428800"},
      {"a 52428801", "the second column is not a size from 0 to 52428800"},
      {"a 18446744073709551616", "the second column is not a size from 0 to 52428800"},
  };
  for (const auto& [line, reason] : bad_lines) {
    CAPTURE(line);
    const TraceFile file("first 1\n" + line + "\nthird\n");
    const Reading reading = ReadAll(file.path());
    REQUIRE(reading.requests.size() == 1);
    REQUIRE(reading.error == file.path() + ":2: " + reason);
  }
}

TEST_CASE("A file that is empty, missing or a directory is an error") {
  const TraceFile empty("");
  REQUIRE(ReadAll(empty.path()).error == empty.path() + ": holds no request");
  REQUIRE(ReadAll("/nowhere/trace").error == "/nowhere/trace: No such file or directory");
  REQUIRE(ReadAll("/tmp").error.starts_with("/tmp: "));
}

TEST_CASE("An error stays") {
  const TraceFile file("\ngood\n");
  FileTrace trace(file.path(), {});
  TraceRequest request;
  REQUIRE_FALSE(trace.Next(&request));
  REQUIRE_FALSE(trace.Next(&request));
  REQUIRE(trace.error() == file.path() + ":1: no id at the beginning of the line");
}

}  // namespace
}  // namespace quarry::bench
