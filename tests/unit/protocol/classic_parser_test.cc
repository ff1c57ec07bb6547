#include <string>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "protocol/plain_line.h"
#include "tests/support/catch.h"
#include "tests/unit/protocol/conversation.h"

namespace quarry::protocol {
namespace {

using Expectations = std::vector<std::pair<std::string, std::string>>;

const std::string kBadLine = "error CLIENT_ERROR bad command line format";
const std::string kInvalidExptime = "error CLIENT_ERROR invalid exptime argument";
const std::string kInvalidDelta = "error CLIENT_ERROR invalid numeric delta argument";
const std::string kBadDelete =
    "error CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]";
const std::string kLongestKey = std::string(kMaxKeyBytes, 'k');
const std::string kLongKey = std::string(kMaxKeyBytes + 1, 'k');

/// Each first text, a line, is parsed into the second.
void RequireLines(const Expectations& expectations) {
  for (const auto& [line, requests] : expectations) {
    CAPTURE(line);
    REQUIRE(ParseLine(line) == requests);
  }
}

TEST_CASE("get and gets ask for each of their keys, in order, and then end") {
  RequireLines({
      {"get", kBadLine},
      {"gets", kBadLine},
      {"get a", "get value key='a'; end"},
      {"gets a", "get value cas key='a'; end"},
      {"get a b a", "get value key='a'; get value key='b'; get value key='a'; end"},
      {"gets a  b ", "get value cas key='a'; get value cas key='b'; end"},
      {"get a noreply", "get value key='a'; get value key='noreply'; end"},
      {"get " + kLongestKey, "get value key='" + kLongestKey + "'; end"},
      {"get a " + kLongKey + " b", kBadLine},
      {"gets " + kLongKey + " noreply", kBadLine},
  });
}

TEST_CASE("gat and gats also set the expiry of each key") {
  RequireLines({
      {"gat", kBadLine},
      {"gat 10", kBadLine},
      {"gats x", kBadLine},
      {"gat 10 a", "get value touch key='a' exptime=10; end"},
      {"gat -1 a", "get value touch key='a' exptime=-1; end"},
      {"gats 0 a b", "get value cas touch key='a'; get value cas touch key='b'; end"},
      {"gat x a", kInvalidExptime},
      {"gat 1x a noreply", kInvalidExptime},
      {"gats 2147483648 a", kInvalidExptime},
      {"gats 2147483647 a", "get value cas touch key='a' exptime=2147483647; end"},
      {"gat 1 a " + kLongKey, kBadLine},
  });
}

TEST_CASE("Storage commands differ in their mode alone") {
  RequireLines({
      {"set k 1 2 5\r\nhello", "store key='k' exptime=2 client_flags=1 bytes=5 'hello'"},
      {"add k 1 2 5\r\nhello", "store add key='k' exptime=2 client_flags=1 bytes=5 'hello'"},
      {"replace k 0 0 1\r\n1", "store replace key='k' bytes=1 '1'"},
      {"append k 0 0 1\r\n1", "store append key='k' bytes=1 '1'"},
      {"prepend k 0 0 1\r\n1", "store prepend key='k' bytes=1 '1'"},
      {"cas k 0 0 1 7\r\n1", "store compare key='k' cas=7 bytes=1 '1'"},
      {"set k 0 0 0\r\n", "store key='k' bytes=0 ''"},
      {"set k 4294967295 -1 00002\r\n\r\n",
       "store key='k' exptime=-1 client_flags=4294967295 bytes=2 '\r\n'"},
      {"cas k 0 0 1 18446744073709551615\r\n1",
       "store compare key='k' cas=18446744073709551615 bytes=1 '1'"},
      {"set " + kLongestKey + " 0 0 1\r\n1", "store key='" + kLongestKey + "' bytes=1 '1'"},
  });
}

TEST_CASE("noreply silences a store as its last argument, and other extra arguments say nothing") {
  RequireLines({
      {"set k 0 0 1 noreply\r\n1", "store quiet key='k' bytes=1 '1'"},
      {"set k 0 0 1 foo\r\n1", "store key='k' bytes=1 '1'"},
      {"set k 0 0 1 noreply foo\r\n1", "store key='k' bytes=1 '1'"},
      {"set k 0 0 1 a b c d e f noreply\r\n1", "store quiet key='k' bytes=1 '1'"},
      {"cas k 0 0 1 7 noreply\r\n1", "store quiet compare key='k' cas=7 bytes=1 '1'"},
      {"cas k 0 0 1 7 foo\r\n1", "store compare key='k' cas=7 bytes=1 '1'"},
      {"set noreply 0 0 1\r\n1", "store key='noreply' bytes=1 '1'"},
  });
}

TEST_CASE("A storage line without a length is refused, silently with noreply") {
  for (const std::string command : {"set", "add", "replace", "append", "prepend", "cas"}) {
    for (const std::string arguments : {"", " k", " k 0", " k 0 0"}) {
      CAPTURE(command, arguments);
      REQUIRE(ParseLine(command + arguments) == kBadLine);
    }
    REQUIRE(ParseLine(command + " k noreply") == kBadLine + " quiet");
  }
}

TEST_CASE("A length that is none is refused, silently with noreply") {
  for (const std::string bytes :
       {"x", "-1", "+1", "1x", "0x1", "2147483646", "99999999999999999999"}) {
    CAPTURE(bytes);
    REQUIRE(ParseLine("set k 0 0 " + bytes) == kBadLine);
    REQUIRE(ParseLine("cas k 0 0 " + bytes + " 1 noreply") == kBadLine + " quiet");
  }
}

TEST_CASE("The largest length that the protocol knows waits for its body") {
  REQUIRE(ParseLine("set k 0 0 2147483645").empty());
}

TEST_CASE("A store with a good length and anything else bad gets one error and loses its body") {
  for (const std::string header :
       {"set k x 0 4", "set k -1 0 4", "set k 4294967296 0 4", "set k 1x 0 4", "set k 0 x 4",
        "set k 0 1x 4", "add k 0 2147483648 4", "cas k 0 0 4", "cas k 0 0 4 -1", "cas k 0 0 4 x",
        "cas k 0 0 4 18446744073709551616"}) {
    CAPTURE(header);
    REQUIRE(ParseLine(header + "\r\nmn\r\n\r\nversion") == kBadLine + "; version");
    REQUIRE(ParseLine(header + " noreply\r\nmn\r\n\r\nversion") == kBadLine + " quiet; version");
  }
  REQUIRE(ParseLine("set " + kLongKey + " 0 0 4\r\nquit\r\nversion") == kBadLine + "; version");
}

TEST_CASE("The borders of the short cut for plain lines are those of the general parser") {
  const std::string longest(kMaxKeyBytes, 'k');
  struct Case {
    std::string line;
    bool is_plain;
  };
  for (const auto& [line, is_plain] : std::vector<Case>{
           {"get k\r\n", true},
           {"get " + longest + "\r\n", true},
           {"get " + longest + "k\r\n", false},
           {"get a b\r\n", false},
           {"get  k\r\n", false},
           {"get k \r\n", false},
           {"get k\n", false},
           {"get \r\n", false},
           {"get k\r", false},
           {"gets k\r\n", false},
           {"mg k\r\n", true},
           {"mg k v\r\n", true},
           {"mg k c f k q s t v\r\n", true},
           {"mg " + longest + " v\r\n", true},
           {"mg " + longest + "k v\r\n", false},
           {"mg k v v\r\n", false},
           {"mg k vk\r\n", false},
           {"mg k v \r\n", false},
           {"mg k  v\r\n", false},
           {"mg k v\n", false},
           {"mg k T0\r\n", false},
           {"mg k h\r\n", false},
           {"mg k O1\r\n", false},
           {"mg  k\r\n", false},
           {"mg \r\n", false},
           {"set k 1 2 3\r\nabc\r\n", true},
           {"set " + longest + " 0 0 0\r\n\r\n", true},
           {"set " + longest + "k 0 0 0\r\n\r\n", false},
           {"set k 007 0 1\r\na\r\n", true},
           {"set k 999999999 999999999 1\r\na\r\n", true},
           {"set k 4294967295 0 1\r\na\r\n", false},
           {"set k 0 -1 1\r\na\r\n", false},
           {"set k 0 +1 1\r\na\r\n", false},
           {"set k 0 0 1 noreply\r\na\r\n", false},
           {"set k 0 0  1\r\na\r\n", false},
           {"set k 0 0 1\r\nab\r\n", false},
           {"set k 0 0 2\r\na\r\n", false},
           {"set k 0 0 1\na\r\n", false},
       }) {
    CAPTURE(line);
    PlainRequest request;
    REQUIRE((ParsePlain(WireForm::kText, line, request) == line.size()) == is_plain);
    REQUIRE((ParsePlain(WireForm::kText, line, request) == 0) == !is_plain);
    Conversation().Receive(line);  // compares the two
  }
}

TEST_CASE("A plain line that is cut anywhere is none, and nothing behind it is looked at") {
  for (const std::string line : {"set key 12 345 3\r\nabc\r\n", "mg key v k q\r\n"}) {
    for (size_t bytes = 0; bytes < line.size(); ++bytes) {
      CAPTURE(line, bytes);
      PlainRequest request;
      REQUIRE(ParsePlain(WireForm::kText, line.substr(0, bytes), request) == 0);
    }
  }
}

TEST_CASE("delete takes a key, a zero and noreply, and nothing else") {
  RequireLines({
      {"delete", kBadLine},
      {"delete k", "delete key='k'"},
      {"delete k 0", "delete key='k'"},
      {"delete k noreply", "delete quiet key='k'"},
      {"delete k 0 noreply", "delete quiet key='k'"},
      {"delete noreply", "delete key='noreply'"},
      {"delete k junk", kBadDelete},
      {"delete k 10", kBadDelete},
      {"delete k 00", kBadDelete},
      {"delete k 0 0", kBadDelete},
      {"delete k noreply 0", kBadDelete},
      {"delete a b c d e", kBadDelete},
      {"delete k 10 noreply", kBadDelete + " quiet"},
      {"delete k noreply noreply", kBadDelete + " quiet"},
      {"delete k 0 0 noreply", kBadDelete + " quiet"},
      {"delete " + kLongestKey, "delete key='" + kLongestKey + "'"},
      {"delete " + kLongKey, kBadLine},
      {"delete " + kLongKey + " noreply", kBadLine + " quiet"},
  });
}

TEST_CASE("incr and decr take a key and an unsigned 64-bit delta") {
  RequireLines({
      {"incr", kBadLine},
      {"incr k", kBadLine},
      {"decr k", kBadLine},
      {"incr k 5", "arithmetic value key='k' delta=5"},
      {"decr k 5", "arithmetic value decrement key='k' delta=5"},
      {"incr k 0", "arithmetic value key='k' delta=0"},
      {"incr k 18446744073709551615", "arithmetic value key='k' delta=18446744073709551615"},
      {"incr k 5 noreply", "arithmetic quiet value key='k' delta=5"},
      {"incr k 5 foo", "arithmetic value key='k' delta=5"},
      {"incr k x", kInvalidDelta},
      {"decr k -1", kInvalidDelta},
      {"incr k +1", kInvalidDelta},
      {"incr k 18446744073709551616", kInvalidDelta},
      {"incr k x noreply", kInvalidDelta + " quiet"},
      {"incr k noreply", kInvalidDelta + " quiet"},
      {"incr noreply", kBadLine + " quiet"},
      {"incr " + kLongKey + " 1", kBadLine},
  });
}

TEST_CASE("touch takes a key and an expiry") {
  RequireLines({
      {"touch", kBadLine},
      {"touch k", kBadLine},
      {"touch k 10", "touch touch key='k' exptime=10"},
      {"touch k -1", "touch touch key='k' exptime=-1"},
      {"touch k 10 noreply", "touch quiet touch key='k' exptime=10"},
      {"touch k 10 foo", "touch touch key='k' exptime=10"},
      {"touch k x", kInvalidExptime},
      {"touch k 2147483648", kInvalidExptime},
      {"touch k x noreply", kInvalidExptime + " quiet"},
      {"touch " + kLongKey + " 1", kBadLine},
  });
}

TEST_CASE("flush_all takes a delay, or none") {
  RequireLines({
      {"flush_all", "flush_all"},
      {"flush_all noreply", "flush_all quiet"},
      {"flush_all 0", "flush_all"},
      {"flush_all 10", "flush_all exptime=10"},
      {"flush_all -5", "flush_all exptime=-5"},
      {"flush_all 10 noreply", "flush_all quiet exptime=10"},
      {"flush_all 10 foo", "flush_all exptime=10"},
      {"flush_all x", kInvalidExptime},
      {"flush_all noreply foo", kInvalidExptime},
      {"flush_all x noreply", kInvalidExptime + " quiet"},
  });
}

TEST_CASE("cache_memlimit takes megabytes") {
  REQUIRE(ParseLine("cache_memlimit 64") == "memory_limit memory_limit_mb=64");
  REQUIRE(ParseLine("cache_memlimit 64 noreply") == "memory_limit quiet memory_limit_mb=64");
}

TEST_CASE("verbosity takes a level") {
  RequireLines({
      {"verbosity", kBadLine},
      {"verbosity 1", "verbosity verbosity=1"},
      {"verbosity 0 noreply", "verbosity quiet"},
      {"verbosity 1 foo", "verbosity verbosity=1"},
      {"verbosity noreply", kBadLine + " quiet"},
      {"verbosity foo bar my", kBadLine},
      {"verbosity -1", kBadLine},
  });
}

TEST_CASE("lru temp_ttl takes seconds, or a negative number") {
  RequireLines({
      {"lru temp_ttl 60", "temporary_ttl exptime=60"},
      {"lru temp_ttl 0", "temporary_ttl"},
      {"lru temp_ttl -1", "temporary_ttl exptime=-1"},
      {"lru tune 10 25 0.1 2", "lru_tune arguments='10 25 0.1 2'"},
      {"lru temp_ttl", "error ERROR"},
      {"lru temp_ttl x", "error ERROR"},
      {"lru temp_ttl 4294967296", "error ERROR"},
  });
}

TEST_CASE("Commands without a key hand their arguments on and know no noreply") {
  RequireLines({
      {"version", "version"},
      {"version noreply", "version arguments='noreply'"},
      {"stats", "stats"},
      {"stats noreply", "stats arguments='noreply'"},
      {"stats  cachedump 1 2 ", "stats arguments='cachedump 1 2'"},
      {"slabs", "slabs"},
      {"slabs reassign 1 2", "slabs arguments='reassign 1 2'"},
      {"watch", "watch"},
      {"watch fetchers  mutations", "watch arguments='fetchers  mutations'"},
      {"quit", "quit"},
      {"quit foo bar", "quit arguments='foo bar'"},
      {"refresh_certs", "refresh"},
      {"shutdown", "shutdown"},
      {"shutdown graceful", "shutdown arguments='graceful'"},
  });
}

TEST_CASE("A key may hold any byte but space and line end") {
  using namespace std::string_literals;
  REQUIRE(ParseLine("get \0a\0\t\x7f\xff\rb"s) == "get value key='\0a\0\t\x7f\xff\rb'; end"s);
  REQUIRE(ParseLine("set a\0b 0 0 1\r\n1"s) == "store key='a\0b' bytes=1 '1'"s);
}

TEST_CASE("What is no command is an error that noreply does not silence") {
  for (const std::string line : {"GET a",
                                 "Set a 0 0 1",
                                 "foo",
                                 "foo noreply",
                                 "getx a",
                                 "ge a",
                                 " get a",
                                 "  ",
                                 "a ",
                                 "\tget a",
                                 "mx a",
                                 "stat",
                                 "cache_memlimit",
                                 "cache_memlimit x",
                                 "cache_memlimit -1",
                                 "cache_memlimit 1.5",
                                 "cache_memlimit 18446744073709551616",
                                 "extstore",
                                 "HTTP/1.1",
                                 " HTTP/1.1"}) {
    CAPTURE(line);
    REQUIRE(ParseLine(line) == "error ERROR");
  }
}

TEST_CASE("A line of fewer than two characters is malformed") {
  for (const std::string line : {"", "a", " "}) {
    CAPTURE(line);
    REQUIRE(ParseLine(line) == kBadLine);
  }
}

TEST_CASE("An HTTP request is shut out at its first line") {
  REQUIRE(ParseLine("GET / HTTP/1.1\r\nHost: localhost") == "closed");
  REQUIRE(ParseLine("POST /x HTTP/2") == "closed");
  REQUIRE(ParseLine("get / HTTP/1.1") == "get value key='/'; get value key='HTTP/1.1'; end");
}

}  // namespace
}  // namespace quarry::protocol
