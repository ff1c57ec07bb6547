#include "daemon/options.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <absl/strings/str_cat.h>

#include "tests/support/catch.h"
#include "tests/unit/daemon/command_line.h"

namespace quarry::daemon {
namespace {

constexpr uint64_t kMachineBytes = 1000 * kMebibyte;

std::variant<Options, EarlyExit> Parse(CommandWords words, uint64_t machine_bytes) {
  const std::vector<char*> argv = words.argv();
  return ParseOptions(argv, machine_bytes);
}

/// A command line that is right.
Options Given(const std::string& line, uint64_t machine_bytes = kMachineBytes) {
  std::variant<Options, EarlyExit> parsed = Parse(CommandWords(line), machine_bytes);
  CAPTURE(line);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    FAIL(exit->text);
  }
  return std::get<Options>(std::move(parsed));
}

/// A command line that ends the process.
EarlyExit Ended(CommandWords words, uint64_t machine_bytes = kMachineBytes) {
  std::variant<Options, EarlyExit> parsed = Parse(std::move(words), machine_bytes);
  REQUIRE(std::holds_alternative<EarlyExit>(parsed));
  return std::get<EarlyExit>(std::move(parsed));
}
EarlyExit Ended(const std::string& line, uint64_t machine_bytes = kMachineBytes) {
  CAPTURE(line);
  return Ended(CommandWords(line), machine_bytes);
}

/// `line` is refused with this code and this one line.
void Refused(const std::string& line, ExitCode code, const std::string& message) {
  CAPTURE(line);
  const EarlyExit exit = Ended(line);
  CHECK(exit.code == code);
  CHECK(exit.text == "quarryd: " + message + "\n");
}

/// The option with these spellings, "-l/--long", refuses `value` by letter and by name, for
/// `reason`.
void BadValue(const std::string& spellings, const std::string& value, ExitCode code,
              const std::string& reason) {
  const std::string message =
      absl::StrCat("bad value \"", value, "\" for ", spellings, ": ", reason);
  Refused(absl::StrCat(spellings.substr(0, 2), " ", value), code, message);
  Refused(absl::StrCat(spellings.substr(3), "=", value), code, message);
}

TEST_CASE("Without options the defaults hold") {
  const Options options = Given("");
  CHECK(options.port == 11211);
  CHECK(options.listen.empty());
  CHECK(options.unix_socket.empty());
  CHECK(options.unix_socket_mode == 0700);
  CHECK(options.memory_bytes == 64 * kMebibyte);
  CHECK(options.max_item_bytes == kMebibyte);
  CHECK(options.evict);
  CHECK(options.cas_enabled);
  CHECK(options.worker_count == 4);
  CHECK(options.max_connections == 1024);
  CHECK(options.max_requests_per_event == 20);
  CHECK(options.listen_backlog == 1024);
  CHECK(options.verbosity == 0);
  CHECK_FALSE(options.background);
  CHECK_FALSE(options.core_dumps);
  CHECK(options.warnings.empty());
}

TEST_CASE("Every option is known by its letter and by its name") {
  const auto both = [](const std::string& letter, const std::string& name, const auto& has_effect) {
    CAPTURE(letter);
    CHECK_FALSE(has_effect(Options{}));
    CHECK(has_effect(Given(letter)));
    CHECK(has_effect(Given(name)));
  };
  both("-p 1", "--port=1", [](const Options& o) { return o.port == 1; });
  both("-l a:5", "--listen a:5", [](const Options& o) {
    return o.listen.size() == 1 && o.listen[0].host == "a" && o.listen[0].port == uint16_t{5};
  });
  both("-s /s", "--unix-socket=/s", [](const Options& o) { return o.unix_socket == "/s"; });
  both("-a 755", "--unix-mask 755", [](const Options& o) { return o.unix_socket_mode == 0755; });
  both("-m 100", "--memory-limit=100",
       [](const Options& o) { return o.memory_bytes == 100 * kMebibyte; });
  both("-t 2", "--threads=2", [](const Options& o) { return o.worker_count == 2; });
  both("-c 5", "--conn-limit=5", [](const Options& o) { return o.max_connections == 5; });
  both("-I 2m", "--max-item-size=2m",
       [](const Options& o) { return o.max_item_bytes == 2 * kMebibyte; });
  both("-M", "--disable-evictions", [](const Options& o) { return !o.evict; });
  both("-v", "--verbose", [](const Options& o) { return o.verbosity == 1; });
  both("-u bob", "--user=bob", [](const Options& o) { return o.user == "bob"; });
  both("-d", "--daemon", [](const Options& o) { return o.background; });
  both("-r", "--enable-coredumps", [](const Options& o) { return o.core_dumps; });
  both("-P /p", "--pidfile=/p", [](const Options& o) { return o.pid_file == "/p"; });
  both("-b 7", "--listen-backlog=7", [](const Options& o) { return o.listen_backlog == 7; });
  both("-R 7", "--max-reqs-per-event=7",
       [](const Options& o) { return o.max_requests_per_event == 7; });
  both("-C", "--disable-cas", [](const Options& o) { return !o.cas_enabled; });
  both("-f 1.25", "--slab-growth-factor=1.25",
       [](const Options& o) { return o.growth_factor == 1.25; });
  both("-n 48", "--slab-min-size=48", [](const Options& o) { return o.min_item_bytes == 48; });
  both("-B ascii", "--protocol=ascii", [](const Options& o) { return o.protocol == "ascii"; });
}

TEST_CASE("Options that keep the defaults are taken") {
  CHECK(Given("-U 0").udp_port == 0);
  CHECK(Given("--udp-port=0").udp_port == 0);
  CHECK(Given("-B auto").protocol == "auto");
  CHECK(Given("-B binary").protocol == "binary");
}

TEST_CASE("Numbers are decimal, and the last of two wins") {
  CHECK(Given("-m 010").memory_bytes == 10 * kMebibyte);
  CHECK(Given("-t 3 -t 2").worker_count == 2);
  CHECK(Given("-m 100 --memory-limit=32").memory_bytes == 32 * kMebibyte);
  CHECK(Given("-vvv").verbosity == 3);
  CHECK(Given("-v --verbose=vv -v").verbosity == 3);
}

TEST_CASE("Ports at the ends of the range") {
  CHECK(Given("-p 65535").port == 65535);
  CHECK(Given("-p -1").port == Options::kRandomPort);
  CHECK(Given("-p 0 -s /tmp/socket").port == Options::kPortOff);
}

TEST_CASE("-l may be given again and holds lists") {
  const Options options = Given("-l a,b:1 --listen=[::1]:2;*");
  REQUIRE(options.listen.size() == 4);
  CHECK(options.listen[0].host == "a");
  CHECK_FALSE(options.listen[0].port.has_value());
  CHECK(options.listen[1].port == uint16_t{1});
  CHECK(options.listen[2].host == "::1");
  CHECK(options.listen[3].host == "*");
  CHECK(options.listen_text == "a,b:1,[::1]:2;*");
}

TEST_CASE("Memory is given in megabytes, with a suffix, or as a share") {
  CHECK(Given("-m 8").memory_bytes == 8 * kMebibyte);
  CHECK(Given("-m 65536k").memory_bytes == 64 * kMebibyte);
  CHECK(Given("-m 64M").memory_bytes == 64 * kMebibyte);
  CHECK(Given("-m 127g").memory_bytes == 127 * kGibibyte);
  CHECK(Given("-m 75%").memory_bytes == 750 * kMebibyte);
  CHECK(Given("-m 100%").memory_bytes == kMachineBytes);
  CHECK(Given("-m 33%", 100 * kMebibyte + 5).memory_bytes == 33 * kMebibyte);
}

TEST_CASE("A share of an unknown memory, or too small a share, is refused") {
  const EarlyExit unknown = Ended("-m 75%", 0);
  CHECK(unknown.code == kExitBadValue);
  CHECK(unknown.text ==
        "quarryd: bad value \"75%\" for -m/--memory-limit: the memory of this machine cannot be "
        "told, give the limit in megabytes\n");
  CHECK(Ended("-m 1%", 100 * kMebibyte).code == kExitBadValue);
}

TEST_CASE("Item limits from 1m to 50m are taken") {
  CHECK(Given("-I 1048576").max_item_bytes == kMebibyte);
  CHECK(Given("-I 1024k").max_item_bytes == kMebibyte);
  CHECK(Given("-m 100 -I 50m").max_item_bytes == 50 * kMebibyte);
  CHECK(Given("-I 50M -m 100").max_item_bytes == 50 * kMebibyte);
}

TEST_CASE("A bad value is answered with what would be right") {
  for (const std::string value :
       {"0x10", "64mb", "-5", "7", "8191k", "128g", "0%", "101%", "1e3", "18446744073709551616"}) {
    BadValue("-m/--memory-limit", value, kExitBadValue,
             "it takes megabytes, or with k, m or g, 8m to 127g, or a share as 75%");
  }
  for (const std::string value : {"0", "257", "x", "4x", "-1", "+1", "0x4", "99999999999"}) {
    BadValue("-t/--threads", value, kExitBadValue, "it takes 1 to 256");
  }
  BadValue("-c/--conn-limit", "0", kExitBadValue, "it takes 1 to 2147483647");
  BadValue("-R/--max-reqs-per-event", "0", kExitBadValue, "it takes 1 to 2147483647");
  BadValue("-b/--listen-backlog", "-1", kExitBadValue, "it takes 0 to 2147483647");
  BadValue("-n/--slab-min-size", "0", kExitBadValue, "it takes 1 to 4096");
  for (const std::string value : {"1", "0.5", "17", "x", "nan", "inf", "1.2x", "-2", "0x2"}) {
    BadValue("-f/--slab-growth-factor", value, kExitBadValue,
             "it takes a number above 1, at most 16");
  }
  for (const std::string value : {"8", "1000", "x", "-1", "0x1", "7777"}) {
    BadValue("-a/--unix-mask", value, kExitBadValue, "it takes octal, 0 to 777");
  }
  BadValue("-U/--udp-port", "x", kExitBadValue, "it takes 0 to 65535; 0: none, -1: any free port");
  BadValue("-U/--udp-port", "65536", kExitUsage, "it takes 0 to 65535; 0: none, -1: any free port");
  BadValue("-l/--listen", "a:x", kExitBadValue, "a port behind an address is 0 to 65535");
  BadValue("-s/--unix-socket", std::string(108, 's'), kExitBadValue,
           "it takes a path of 1 to 107 bytes");
}

TEST_CASE("Blanks around a number say nothing") {
  const auto given = [](const std::string& option, const std::string& value) {
    std::variant<Options, EarlyExit> parsed =
        Parse(CommandWords(std::vector<std::string>{option, value}), kMachineBytes);
    CAPTURE(option, value);
    REQUIRE(std::holds_alternative<Options>(parsed));
    return std::get<Options>(std::move(parsed));
  };
  CHECK(given("-m", " 100").memory_bytes == 100 * kMebibyte);
  CHECK(given("-m", " 75%").memory_bytes == 750 * kMebibyte);
  CHECK(given("-m", "100\n").memory_bytes == 100 * kMebibyte);
  CHECK(given("-I", " 2m").max_item_bytes == 2 * kMebibyte);
  CHECK(given("-c", "\t 5").max_connections == 5);
  CHECK(given("-t", " 2").worker_count == 2);
  CHECK(given("-R", " 7").max_requests_per_event == 7);
  CHECK(given("-b", " 7").listen_backlog == 7);
  CHECK(given("-f", " 1.25").growth_factor == 1.25);
  CHECK(given("-n", " 48").min_item_bytes == 48);
  CHECK(given("-p", " 1").port == 1);
  CHECK(given("-p", " -1").port == Options::kRandomPort);
  CHECK(given("-U", " 1").udp_port == 1);
  CHECK(given("-a", " 755").unix_socket_mode == 0755);
  CHECK(given("-o", "idle_timeout= 7").idle_timeout_sec == 7);
  CHECK(Ended(CommandWords(std::vector<std::string>{"-m", " "})).code == kExitBadValue);
  CHECK(Ended(CommandWords(std::vector<std::string>{"-m", "1 00"})).code == kExitBadValue);
}

TEST_CASE("Blanks are part of a text") {
  const auto ended = [](const std::string& option, const std::string& value) {
    return Ended(CommandWords(std::vector<std::string>{option, value})).code;
  };
  CHECK(ended("-B", " ascii") == kExitUsage);
  CHECK(ended("-o", " modern") == kExitBadValue);
  CommandWords words(std::vector<std::string>{"-s", " s", "-u", " u", "-P", " p", "-D", " "});
  const Options options = std::get<Options>(Parse(std::move(words), kMachineBytes));
  CHECK(options.unix_socket == " s");
  CHECK(options.user == " u");
  CHECK(options.pid_file == " p");
  CHECK(options.prefix_delimiter == " ");
}

TEST_CASE("An empty value is bad") {
  for (const std::string option :
       {"-p", "-l", "-s", "-a", "-u", "-m", "-t", "-c", "-I", "-f", "-n", "-P", "-b", "-R"}) {
    CAPTURE(option);
    CHECK(Ended(CommandWords(std::vector<std::string>{option, ""})).code == kExitBadValue);
  }
  const EarlyExit exit = Ended(CommandWords(std::vector<std::string>{"--pidfile=", "x"}));
  CHECK(exit.text ==
        "quarryd: bad value \"\" for -P/--pidfile: it takes a text that is not empty\n");
}

TEST_CASE("Ports, item limits and protocols out of range end with memcached's code") {
  const std::string port = "it takes 0 to 65535; 0: none, -1: any free port";
  BadValue("-p/--port", "65536", kExitUsage, port);
  BadValue("-p/--port", "-2", kExitUsage, port);
  BadValue("-p/--port", "http", kExitBadValue, port);
  const std::string item = "it takes bytes, or with k or m, 1m to 50m, at most half of -m";
  for (const std::string value : {"1023k", "1024", "51m", "1g", "0"}) {
    BadValue("-I/--max-item-size", value, kExitUsage, item);
  }
  BadValue("-I/--max-item-size", "2mm", kExitBadValue, item);
  BadValue("-B/--protocol", "foo", kExitUsage, "it takes auto, ascii or binary");
}

TEST_CASE("Options that contradict each other are refused") {
  Refused("-I 33m", kExitUsage,
          "-I/--max-item-size 33m is above half of -m/--memory-limit 64m: lower the one, or raise "
          "the other to 66m");
  Refused("-I 50m -m 99", kExitUsage,
          "-I/--max-item-size 50m is above half of -m/--memory-limit 99m: lower the one, or raise "
          "the other to 100m");
  Refused("-p 0", kExitUsage, "-p/--port 0 without -s/--unix-socket leaves nothing to listen on");
}

TEST_CASE("Users choose the protocol in which they can log in") {
  CHECK(Given("-Y f").protocol == "ascii");
  CHECK(Given("-S").protocol == "binary");
  CHECK(Given("-S -Y f").protocol == "auto");
  CHECK(Given("-S -Y f -B binary").protocol == "binary");
  Refused("-S -B ascii", kExitUsage,
          "-S/--enable-sasl needs the binary protocol, which -B ascii excludes");
  Refused("-S -Y f -B ascii", kExitUsage,
          "-S/--enable-sasl needs the binary protocol, which -B ascii excludes");
  Refused("-Y f -B binary", kExitUsage,
          "-Y/--auth-file without -S/--enable-sasl needs the text protocol, which -B binary "
          "excludes");
}

TEST_CASE("What only memcached has is refused with the reason") {
  Refused("-e /f", kExitBadValue,
          "-e/--memory-file: a memory file that outlives the process is not built in yet");
  Refused("--memory-file=f", kExitBadValue,
          "-e/--memory-file: a memory file that outlives the process is not built in yet");
}

TEST_CASE("Sub-options of -o are parted by commas, and -o may be given again") {
  const Options options = Given("-o idle_timeout=7,no_maxconns_fast -o modern");
  CHECK(options.idle_timeout_sec == 7);
  CHECK_FALSE(options.reject_beyond_limit);
  CHECK(Given("-o no_maxconns_fast,maxconns_fast").reject_beyond_limit);
}

TEST_CASE("A bad sub-option is named") {
  Refused("-o bogus", kExitBadValue,
          "bad value \"bogus\" for -o/--extended: Illegal suboption \"bogus\"");
  Refused(
      "-o idle_timeout", kExitBadValue,
      "bad value \"idle_timeout\" for -o/--extended: idle_timeout needs a value, as name=value");
  Refused("-o idle_timeout=x", kExitBadValue,
          "bad value \"idle_timeout=x\" for -o/--extended: idle_timeout: it takes 0 to 2147483647");
  Refused("-o ext_path=/f", kExitBadValue,
          "bad value \"ext_path=/f\" for -o/--extended: ext_path: external storage does not exist");
}

TEST_CASE("An unknown option is refused in one line") {
  Refused("--bogus", kExitBadValue,
          "Illegal argument \"--bogus\": no such option, --help lists them");
  Refused("-t", kExitBadValue, "Illegal argument \"--threads\": it needs a value");
}

TEST_CASE("The first of two errors counts") {
  CHECK(Ended("-t 0 -p 70000").code == kExitBadValue);
  CHECK(Ended("-p 70000 -t 0").code == kExitUsage);
  CHECK(Ended("-t 0 -h").code == kExitBadValue);
}

TEST_CASE("Version, help and license end with success, whatever follows") {
  const EarlyExit version = Ended("-V -t 0");
  CHECK(version.code == kExitOk);
  CHECK_THAT(version.text,
             Catch::Matches(R"(quarryd \d+\.\d+\.\d+ \(memcached 1\.6\.45 compatible\)\n)"));
  CHECK(Ended("--version").text == version.text);
  const EarlyExit help = Ended("-h");
  CHECK(help.code == kExitOk);
  CHECK(Ended("--help").text == help.text);
  CHECK_THAT(Ended("-i").text, Catch::Contains("BSD-3-Clause"));
  CHECK(Ended("--license").code == kExitOk);
}

TEST_CASE("The help text names each option, its range and its default") {
  const std::string help = Ended("-h").text;
  for (const std::string part :
       {"-p,--port <num>", "(0 to 65535; 0: none, -1: any free port; default 11211)",
        "-m,--memory-limit <size>", "8m to 127g", "default 64m", "-t,--threads <num>",
        "(1 to 256; default 4)", "-I,--max-item-size <size>", "1m to 50m", "-v,--verbose",
        "(a number above 1, at most 16; default 1.04)", "(octal, 0 to 777; default 700)"}) {
    CAPTURE(part);
    CHECK_THAT(help, Catch::Contains(part));
  }
  CHECK_THAT(help, !Catch::Contains("--memory-file"));
}

TEST_CASE("What is allowed and unwise is warned of") {
  CHECK(Given("-t 64").warnings.empty());
  CHECK(Given("-t 65").warnings.size() == 1);
  CHECK(Given("-m 1000").warnings.empty());
  CHECK(Given("-m 1001").warnings.size() == 1);
  CHECK(Given("-m 1001", 0).warnings.empty());
  CHECK(Given("-s /tmp/socket").warnings.empty());
  CHECK(Given("-U 1 -o udp_reply_factor=0").warnings.size() == 1);
  CHECK(Given("-U 1").warnings.empty());
}

}  // namespace
}  // namespace quarry::daemon
