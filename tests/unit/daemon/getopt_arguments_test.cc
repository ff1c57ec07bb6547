#include "daemon/getopt_arguments.h"

#include <string>
#include <vector>

#include <absl/strings/str_cat.h>

#include "tests/support/catch.h"
#include "tests/unit/daemon/command_line.h"

namespace quarry::daemon {
namespace {

const std::vector<OptionName>& Names() {
  static const std::vector<OptionName> names = {
      {'m', "memory-limit", Argument::kRequired},
      {'e', "memory-file", Argument::kRequired},
      {'t', "threads", Argument::kRequired},
      {'M', "disable-evictions", Argument::kNone},
      {'v', "verbose", Argument::kOptional},
      {'V', "version", Argument::kNone, true},
      {'D', "", Argument::kRequired},
  };
  return names;
}

/// The options as read, "--name=value" with a space behind each; or the message of the error.
std::string Read(CommandWords words) {
  const std::vector<char*> argv = words.argv();
  const absl::StatusOr<std::vector<GivenOption>> given = ReadAsGetopt(argv, Names());
  if (!given.ok()) {
    return std::string(given.status().message());
  }
  std::string text;
  for (const GivenOption& option : *given) {
    absl::StrAppend(&text, option.option->Dashed(), option.value.empty() ? "" : "=", option.value,
                    " ");
  }
  return text;
}
std::string Read(const std::string& line) {
  return Read(CommandWords(line));
}

TEST_CASE("A value may stand behind its letter or apart, behind = or apart") {
  for (const std::string line :
       {"-m64", "-m 64", "--memory-limit=64", "--memory-limit 64", "--memory-l 64"}) {
    CAPTURE(line);
    REQUIRE(Read(line) == "--memory-limit=64 ");
  }
  REQUIRE(Read("-m=64") == "--memory-limit==64 ");
  REQUIRE(Read("-m -1") == "--memory-limit=-1 ");
  REQUIRE(Read("-m --threads") == "--memory-limit=--threads ");
  REQUIRE(Read("-D :") == "-D=: ");
  REQUIRE(Read("--memory-limit=") == "--memory-limit ");
}

TEST_CASE("Letters without values may share a dash") {
  REQUIRE(Read("-Mvv") == "--disable-evictions --verbose --verbose ");
  REQUIRE(Read("-Mt3") == "--disable-evictions --threads=3 ");
  REQUIRE(Read("-vm 64") == "--verbose --memory-limit=64 ");
}

TEST_CASE("Options come out in the order given") {
  REQUIRE(Read("-t 1 -m 2 --threads=3") == "--threads=1 --memory-limit=2 --threads=3 ");
}

TEST_CASE("Long names may be cut as long as they stay unambiguous") {
  REQUIRE(Read("--thr 2") == "--threads=2 ");
  REQUIRE(Read("--t=2") == "--threads=2 ");
  REQUIRE(Read("--verb") == "--verbose ");
  REQUIRE(Read("--verbose=vv") == "--verbose=vv ");
  REQUIRE(Read("--mem 64") ==
          "Illegal argument \"--mem\": it may mean --memory-limit or --memory-file");
  REQUIRE(Read("--ver") == "Illegal argument \"--ver\": it may mean --verbose or --version");
}

TEST_CASE("Operands are ignored wherever they stand") {
  REQUIRE(Read("one -t 2 two -v three -") == "--threads=2 --verbose ");
  REQUIRE(Read("-t 2 -- -v --bogus") == "--threads=2 ");
  REQUIRE(Read("").empty());
}

TEST_CASE("An option that is not there is named") {
  REQUIRE(Read("-q") == "Illegal argument \"-q\": no such option, --help lists them");
  REQUIRE(Read("-vqv") == "Illegal argument \"-q\": no such option, --help lists them");
  REQUIRE(Read("-?") == "Illegal argument \"-?\": no such option, --help lists them");
  REQUIRE(Read("--bogus=1") == "Illegal argument \"--bogus=1\": no such option, --help lists them");
  REQUIRE(Read("-\xff") == "Illegal argument \"-\\xff\": no such option, --help lists them");
}

TEST_CASE("A value that is missing or too much is named") {
  REQUIRE(Read("-m") == "Illegal argument \"--memory-limit\": it needs a value");
  REQUIRE(Read("--thr") == "Illegal argument \"--threads\": it needs a value");
  REQUIRE(Read("-D") == "Illegal argument \"-D\": it needs a value");
  REQUIRE(Read("--disable-evictions=yes") ==
          "Illegal argument \"--disable-evictions=yes\": --disable-evictions takes no value");
  REQUIRE(Read("--dis=yes") ==
          "Illegal argument \"--dis=yes\": --disable-evictions takes no value");
}

TEST_CASE("Reading ends at an option that asks for it, and not before an error") {
  REQUIRE(Read("-v -V -m") == "--verbose --version ");
  REQUIRE(Read("-Vxyz") == "--version ");
  REQUIRE(Read("-q -V") == "Illegal argument \"-q\": no such option, --help lists them");
}

TEST_CASE("An empty argument is an operand") {
  REQUIRE(Read(CommandWords(std::vector<std::string>{"", "-v", ""})) == "--verbose ");
}

}  // namespace
}  // namespace quarry::daemon
