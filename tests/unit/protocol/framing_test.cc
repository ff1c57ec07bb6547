#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/protocol/conversation.h"

namespace quarry::protocol {
namespace {

using Requests = std::vector<std::string>;

const std::string kBadLine = "error CLIENT_ERROR bad command line format";
const std::string kBadDataChunk = "error CLIENT_ERROR bad data chunk";

/// A `get` line of `line_bytes` bytes, without its end, with keys of up to nine bytes.
std::string LongGet(size_t line_bytes) {
  std::string line = "get";
  while (line.size() < line_bytes) {
    line += ' ' + std::string(std::min<size_t>(9, line_bytes - line.size() - 1), 'k');
  }
  return line;
}

size_t CountOf(const Requests& requests, std::string_view wanted) {
  return static_cast<size_t>(std::count(requests.begin(), requests.end(), wanted));
}

TEST_CASE("Lines end in CRLF or in LF") {
  const Requests expected = {"version", "meta noop", "get value key='a'; end"};
  REQUIRE(Parse("version\r\nmn\r\nget a\r\n") == expected);
  REQUIRE(Parse("version\nmn\nget a\n") == expected);
}

TEST_CASE("A line without its end waits, and nothing of it is consumed") {
  Conversation conversation;
  conversation.Receive("get a");
  REQUIRE(conversation.waiting_bytes() == 5);
  conversation.Receive(" b\r");
  REQUIRE(conversation.waiting_bytes() == 8);
  REQUIRE(conversation.requests().empty());
  conversation.Receive("\n");
  REQUIRE(conversation.requests() == Requests{"get value key='a'", "get value key='b'; end"});
  REQUIRE(conversation.waiting_bytes() == 0);
}

TEST_CASE("Every field of a request is set anew") {
  RetrievalLine line;
  Request request;
  REQUIRE(ParseText("ms k 1 q C5 T6 MA O1\r\n1\r\n", line, request).consumed == 25);
  REQUIRE(ParseText("delete k\r\n", line, request).consumed == 10);
  REQUIRE(Describe(request) == "delete key='k'");
  REQUIRE(request.value.empty());
}

TEST_CASE("A store is whole with its body and the CRLF behind it") {
  const std::string bytes = "set k 0 0 5\r\nhello\r\nversion\r\n";
  RetrievalLine line;
  Request request;
  const ParseResult whole = ParseText(bytes, line, request);
  REQUIRE(whole.status == ParseStatus::kRequest);
  REQUIRE(whole.consumed == 20);
  REQUIRE(request.value == "hello");
  REQUIRE(request.value.data() == bytes.data() + 13);

  const ParseResult one_short = ParseText(bytes.substr(0, 19), line, request);
  REQUIRE(one_short.status == ParseStatus::kNeedBody);
  REQUIRE(one_short.consumed == 13);
  REQUIRE(request.op == Op::kStore);
  REQUIRE(request.value_bytes == 5);
}

TEST_CASE("A body that does not end in CRLF is refused, and what follows it is the next line") {
  for (const std::string end : {"\n\r", "xx", "\r.", ".\n", "\n\n"}) {
    CAPTURE(end);
    const std::string behind = "ab" + end + "version\r\n";
    REQUIRE(Parse("set k 0 0 2\r\n" + behind) == Requests{kBadDataChunk, "version"});
    REQUIRE(Parse("set k 0 0 2 noreply\r\n" + behind) ==
            Requests{kBadDataChunk + " quiet", "version"});
  }
}

TEST_CASE("A body may look like commands and hold any byte") {
  using namespace std::string_literals;
  REQUIRE(Parse("set k 0 0 13\r\nquit\r\n\0\r\nmn\r\n\r\nversion\r\n"s) ==
          Requests{"store key='k' bytes=13 'quit\r\n\0\r\nmn\r\n'"s, "version"});
}

TEST_CASE("A refused store swallows its body whether it has arrived or not") {
  RetrievalLine line;
  Request request;
  const ParseResult result = ParseText("set k x 0 1000\r\nabc", line, request);
  REQUIRE(result.status == ParseStatus::kRequest);
  REQUIRE(Describe(request) == kBadLine);
  REQUIRE(result.consumed == 16);
  REQUIRE(result.swallow_bytes == 1002);
  REQUIRE_FALSE(result.close_if_more);
}

TEST_CASE("A swallowed body's last two bytes may be any") {
  REQUIRE(Parse("set k x 0 2\r\nabcdversion\r\n") == Requests{kBadLine, "version"});
}

TEST_CASE("A store of unknown length closes the connection if anything follows it") {
  for (const std::string line : {"set", "set k 0 0", "set k 0 0 x", "cas k 0 0 -1 1", "add k 0"}) {
    CAPTURE(line);
    REQUIRE(Parse(line + "\r\n") == Requests{kBadLine});
    REQUIRE(Parse(line + "\r\nflush_all\r\n") == Requests{kBadLine, "closed"});
  }
  REQUIRE(Parse("set k 0 0 x noreply\r\nflush_all\r\n") == Requests{kBadLine + " quiet", "closed"});
}

TEST_CASE("Other malformed lines close nothing") {
  REQUIRE(Parse("touch\r\nmg\r\nversion\r\n").back() == "version");
}

TEST_CASE("2048 bytes without a line end wait, one more closes the connection") {
  for (const std::string start :
       {"set ", "gat 0 ", "mg ", "get", "  get ", "GET ", "", "delete k "}) {
    CAPTURE(start);
    const std::string waiting = start + std::string(kMaxLineBytes - start.size(), 'x');
    REQUIRE(Parse(waiting).empty());
    REQUIRE(Parse(waiting + "x") == Requests{"closed"});
  }
}

TEST_CASE("A long line whose end has arrived is parsed like any other") {
  const std::string long_key(3000, 'k');
  REQUIRE(ParseLine("delete " + long_key) == kBadLine);
  REQUIRE(ParseLine("gat 0 " + long_key) == kBadLine);
  REQUIRE(ParseLine("foo " + long_key) == "error ERROR");
  REQUIRE(ParseLine("set " + long_key + " 0 0 4\r\nquit\r\nmn") == kBadLine + "; meta noop");
}

TEST_CASE("A get of up to 2048 bytes is refused whole for one bad key") {
  const std::string line = LongGet(kMaxLineBytes - 252) + " " + std::string(251, 'x');
  REQUIRE(line.size() == kMaxLineBytes);
  REQUIRE(Parse(line + "\n") == Requests{kBadLine});
}

TEST_CASE("A longer get yields its keys as they come, and its error behind them") {
  const std::string line = LongGet(kMaxLineBytes - 251) + " " + std::string(251, 'x');
  REQUIRE(line.size() == kMaxLineBytes + 1);
  const Requests requests = Parse(line + " a b c\r\nversion\r\n");
  REQUIRE(requests.size() > 100);
  REQUIRE(CountOf(requests, kBadLine) == 1);
  REQUIRE(CountOf(requests, "end") == 0);
  REQUIRE(requests.front().starts_with("get value key="));
  REQUIRE(requests[requests.size() - 2] == kBadLine);
  REQUIRE(requests.back() == "version");
}

TEST_CASE("A get of any length keeps only its unfinished key") {
  Conversation conversation;
  conversation.Receive("gets");
  constexpr size_t kKeys = 20000;
  size_t most_waiting = 0;
  for (size_t index = 0; index < kKeys; ++index) {
    conversation.Receive(" key" + std::to_string(index));
    most_waiting = std::max(most_waiting, conversation.waiting_bytes());
  }
  conversation.Receive("\r\nversion\r\n");
  REQUIRE(most_waiting <= kMaxLineBytes);
  REQUIRE(conversation.requests().size() == kKeys + 1);
  REQUIRE(conversation.requests()[kKeys - 1] == "get value cas key='key19999'; end");
  REQUIRE(conversation.requests()[kKeys] == "version");
}

TEST_CASE("A key without end in a long get is refused before it fills the buffer") {
  Conversation conversation;
  conversation.Receive(LongGet(kMaxLineBytes) + "x ");
  const size_t keys = conversation.requests().size();
  for (size_t count = 0; count < 10000; ++count) {
    conversation.Receive("y");
    REQUIRE(conversation.waiting_bytes() < 300);
  }
  REQUIRE(conversation.requests().size() == keys + 1);
  REQUIRE(conversation.requests().back() == kBadLine);
  conversation.Receive(" z\nmn\n");
  REQUIRE(conversation.requests().back() == "meta noop");
}

TEST_CASE("A long get without any key is malformed") {
  REQUIRE(Parse("get " + std::string(5000, ' ') + "\r\nmn\r\n") == Requests{kBadLine, "meta noop"});
}

TEST_CASE("The longest key fits at the end of a long get") {
  const std::string key(kMaxKeyBytes, 'k');
  for (const std::string end : {"\r\n", "\n", " \r\n"}) {
    std::string line = LongGet(kMaxLineBytes) + " ";
    line += key;
    line += end;
    const Requests requests = Parse(line, 1);
    const std::string get = "get value key='" + key + "'";
    if (end.front() == ' ') {
      REQUIRE(requests[requests.size() - 2] == get);
      REQUIRE(requests.back() == "end");
    } else {
      REQUIRE(requests.back() == get + "; end");
    }
  }
}

/// One of everything, as a client may pipeline it.
std::string Script() {
  using namespace std::string_literals;
  const std::string long_key(251, 'x');
  return "set a 1 2 5\r\nhello\r\nget a b  c \r\ngets a\ngat 10 a b\r\ngats x a\r\n"
         "add a 0 0 0\r\n\r\nreplace a 0 0 2 noreply\r\n\r\n\r\nappend a 0 0 1\r\nxyzcas a 0 0 1 "
         "9\r\n1\r\n"
         "cas a 0 0 4\r\nquit\r\nset a x 0 12 noreply\r\nflush_all\r\n\r\n\r\n"
         "incr a 1\r\ndecr a x\r\ndelete a\r\ndelete a 5 noreply\r\ntouch a 5\r\nget\r\n\r\nGET "
         "a\r\n"
         "mg a v t O1\r\nms a 2 c q\r\nab\r\nms a 2 S\r\nab\r\nms a 2 q\r\nabcdmd a q\r\nma a N5 "
         "J6 D7 v\r\n"
         "me a\r\nmn\r\nmg a !\r\nma a !\r\nmg Zm9v b k\r\nprepend a\0b 0 0 3\r\n\0\r\n\r\n"
         "verbosity 1\r\nversion\r\nstats items\r\nflush_all 1 noreply\r\nshutdown\r\n"s +
         "get a " + long_key + "\r\nset " + long_key + " 0 0 3\r\nabc\r\n" + LongGet(2500) +
         "\r\n" + LongGet(2200) + " " + long_key + "\r\nget a\r\nset a 0 0 3000\r\n" +
         std::string(3000, '\n') + "\r\nquit\r\n";
}

TEST_CASE("Requests are the same in whatever pieces their bytes arrive") {
  const std::string script = Script();
  const Requests whole = Parse(script);
  REQUIRE(CountOf(whole, "closed") == 0);
  REQUIRE(whole.back() == "quit");
  for (size_t fragment_bytes = 1; fragment_bytes < 300; ++fragment_bytes) {
    CAPTURE(fragment_bytes);
    REQUIRE(Parse(script, fragment_bytes) == whole);
  }
  for (size_t fragment_bytes = 300; fragment_bytes < script.size(); fragment_bytes += 61) {
    CAPTURE(fragment_bytes);
    REQUIRE(Parse(script, fragment_bytes) == whole);
  }
}

TEST_CASE("Requests are the same wherever their bytes are cut in two") {
  const std::string script = Script();
  const Requests whole = Parse(script);
  for (size_t cut = 1; cut < script.size(); ++cut) {
    Conversation conversation;
    conversation.Receive(std::string_view(script).substr(0, cut));
    conversation.Receive(std::string_view(script).substr(cut));
    if (conversation.requests() != whole) {
      CAPTURE(cut);
      REQUIRE(conversation.requests() == whole);
    }
  }
}

}  // namespace
}  // namespace quarry::protocol
