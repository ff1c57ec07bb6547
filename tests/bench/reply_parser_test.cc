#include "tests/bench/reply_parser.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

/// An event with its text owned; stretches of one value are joined.
struct Event {
  ReplyKind kind;
  std::string text;

  bool operator==(const Event& other) const = default;
};

void Feed(ReplyParser& parser, std::string_view input, std::vector<Event>* events) {
  for (;;) {
    const Reply reply = parser.Next(&input);
    if (reply.kind == ReplyKind::kIncomplete) {
      return;
    }
    const bool continues = reply.kind == ReplyKind::kValueBytes && !events->empty() &&
                           events->back().kind == ReplyKind::kValueBytes;
    if (continues) {
      events->back().text += reply.text;
    } else {
      events->push_back({reply.kind, std::string(reply.text)});
    }
  }
}

std::vector<Event> ParseInPieces(std::string_view input, size_t piece_bytes) {
  ReplyParser parser;
  std::vector<Event> events;
  for (; !input.empty(); input.remove_prefix(std::min(piece_bytes, input.size()))) {
    Feed(parser, input.substr(0, piece_bytes), &events);
  }
  return events;
}

const std::string kClassicReplies =
    "VALUE a 0 3\r\nx\r\n\r\nVALUE long-key 12 0 77\r\n\r\nEND\r\n"
    "STORED\r\nNOT_STORED\r\nNOT_FOUND\r\nSERVER_ERROR out of memory\r\nERROR\r\nEND\r\n";
const std::vector<Event> kClassicEvents = {
    {ReplyKind::kValueHead, "a"},         {ReplyKind::kValueBytes, "x\r\n"},
    {ReplyKind::kValueEnd, ""},           {ReplyKind::kValueHead, "long-key"},
    {ReplyKind::kValueEnd, ""},           {ReplyKind::kEnd, "END"},
    {ReplyKind::kStored, "STORED"},       {ReplyKind::kNotStored, "NOT_STORED"},
    {ReplyKind::kNotStored, "NOT_FOUND"}, {ReplyKind::kErrorLine, "SERVER_ERROR out of memory"},
    {ReplyKind::kErrorLine, "ERROR"},     {ReplyKind::kEnd, "END"},
};

const std::string kMetaReplies =
    "VA 2 t-1 kname\r\nhi\r\nVA 1\r\n!\r\nEN\r\nHD\r\nNS kx\r\nMN\r\nCLIENT_ERROR bad\r\n";
const std::vector<Event> kMetaEvents = {
    {ReplyKind::kValueHead, "name"},
    {ReplyKind::kValueBytes, "hi"},
    {ReplyKind::kValueEnd, ""},
    {ReplyKind::kValueHead, ""},
    {ReplyKind::kValueBytes, "!"},
    {ReplyKind::kValueEnd, ""},
    {ReplyKind::kMiss, "EN"},
    {ReplyKind::kStored, "HD"},
    {ReplyKind::kNotStored, "NS kx"},
    {ReplyKind::kNoop, "MN"},
    {ReplyKind::kErrorLine, "CLIENT_ERROR bad"},
};

TEST_CASE("Replies mean the same in pieces of every size") {
  for (size_t piece_bytes = 1; piece_bytes <= kClassicReplies.size(); ++piece_bytes) {
    CAPTURE(piece_bytes);
    REQUIRE(ParseInPieces(kClassicReplies, piece_bytes) == kClassicEvents);
    REQUIRE(ParseInPieces(kMetaReplies, piece_bytes) == kMetaEvents);
  }
}

TEST_CASE("Replies mean the same when cut once at every byte") {
  for (size_t cut = 0; cut <= kClassicReplies.size(); ++cut) {
    CAPTURE(cut);
    ReplyParser parser;
    std::vector<Event> events;
    Feed(parser, std::string_view(kClassicReplies).substr(0, cut), &events);
    Feed(parser, std::string_view(kClassicReplies).substr(cut), &events);
    REQUIRE(events == kClassicEvents);
  }
}

TEST_CASE("A value of the wrong length is noticed") {
  const std::vector<Event> events = ParseInPieces("VALUE a 0 2\r\nxyz\r\n", 100);
  REQUIRE(events.size() >= 3);
  REQUIRE(events[2].kind == ReplyKind::kUnknownLine);
}

TEST_CASE("What no server says is an unknown line") {
  for (const char* line : {"VALUE a 0\r\n", "VALUE a 0 -1\r\n", "VA x\r\n", "OK\r\n", "\r\n"}) {
    CAPTURE(line);
    const std::vector<Event> events = ParseInPieces(line, 100);
    REQUIRE(events.size() == 1);
    REQUIRE(events[0].kind == ReplyKind::kUnknownLine);
  }
}

TEST_CASE("A line without end is kept up to a bound and no further") {
  const std::vector<Event> events =
      ParseInPieces(std::string(1'000'000, 'x') + "\r\nEND\r\n", 1000);
  REQUIRE(events.size() == 2);
  REQUIRE(events[0].kind == ReplyKind::kUnknownLine);
  REQUIRE(events[0].text.size() <= ReplyParser::kMaxLineBytes);
  REQUIRE(events[1].kind == ReplyKind::kEnd);
}

}  // namespace
}  // namespace quarry::bench
