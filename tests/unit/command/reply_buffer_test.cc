#include "daemon/command/reply_buffer.h"

#include <array>
#include <string>

#include "tests/support/catch.h"

namespace quarry::command {
namespace {

TEST_CASE("A reply buffer that is limited counts as full sooner, and keeps to its limit") {
  std::array<char, 1000> scratch = {};
  ReplyBuffer replies(scratch);
  replies.Limit(100, 2, false);
  REQUIRE(replies.HasRoom(100));
  REQUIRE_FALSE(replies.HasRoom(101));
  replies.Append(std::string(60, 'x'));
  REQUIRE_FALSE(replies.HasRoom(41));
  replies.AppendText("one");
  REQUIRE(replies.HasRoom(1));
  replies.AppendText("two");
  REQUIRE_FALSE(replies.HasRoom(1));
  replies.Clear();
  replies.Unlimit();
  REQUIRE(replies.HasRoom(1000));
}

TEST_CASE("In a limited reply buffer texts take room, and may have to be no longer than it") {
  std::array<char, 1000> scratch = {};
  ReplyBuffer replies(scratch);
  REQUIRE(replies.TakesText(5000));
  replies.Limit(100, 10, true);
  REQUIRE(replies.TakesText(101));
  replies.Limit(100, 10, false);
  REQUIRE(replies.TakesText(100));
  REQUIRE_FALSE(replies.TakesText(101));
  replies.AppendText(std::string(70, 'x'));
  REQUIRE(replies.HasRoom(30));
  REQUIRE_FALSE(replies.HasRoom(31));
  replies.AppendText(std::string(70, 'x'));
  REQUIRE_FALSE(replies.HasRoom(1));
  replies.Clear();
  REQUIRE(replies.HasRoom(100));
}

TEST_CASE("Pieces of text fill the buffer by their length, before they are many") {
  std::array<char, 1000> scratch = {};
  ReplyBuffer replies(scratch);
  replies.AppendText(std::string(ReplyBuffer::kMaxPieceTextBytes - 1, 'x'));
  REQUIRE(replies.HasRoom(1));
  replies.AppendText("x");
  REQUIRE_FALSE(replies.HasRoom(1));
  replies.Clear();
  REQUIRE(replies.HasRoom(1));
}

}  // namespace
}  // namespace quarry::command
