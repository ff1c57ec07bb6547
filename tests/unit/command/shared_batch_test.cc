// What Session::AddTo and Session::Answer do for several sessions whose turns are one.

#include <array>
#include <string>
#include <string_view>

#include "daemon/command/batch.h"
#include "daemon/command/executor.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/session.h"
#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

struct Fixture {
  Fixture() {
    for (Session* session : {&first, &second}) {
      REQUIRE(Consume(*session, "set k 0 0 1\r\nv\r\n") == "STORED\r\n");
    }
    batch.Clear();
  }

  std::string Consume(Session& session, std::string_view input) {
    REQUIRE(session.Consume(input, replies).consumed == input.size());
    return TakeReplies();
  }
  std::string Answer(Session& session, Batch::Range requests, std::string_view input) {
    REQUIRE(session.Answer(requests, input, replies) == input.size());
    return TakeReplies();
  }
  std::string TakeReplies() {
    std::string text(replies.text());
    replies.Clear();
    return text;
  }
  void Prepare() {
    server.executor().ReadClock();
    batch.PrefetchItems();
  }

  Server server;
  Batch& batch = server.executor().batch();
  std::array<char, Session::kMinReplyRoom> scratch = {};
  ReplyBuffer replies{scratch};
  Session first{server.executor()};
  Session second{server.executor()};
};

TEST_CASE_METHOD(Fixture, "Each of several sessions answers its share of a batch") {
  // Of every kind: plain ones, such as need a request in full, keys that are decoded.
  constexpr std::string_view kInput = "get k\r\nms azE= 1 b\r\n1\r\nmd none\r\n";
  constexpr std::string_view kOther = "incr k 1\r\nget none k\r\nmg azE= b k v\r\nmn\r\n";
  const Batch::Range requests = first.AddTo(batch, kInput);
  const Batch::Range others = second.AddTo(batch, kOther);
  REQUIRE(requests.size() == 3);
  REQUIRE(others.size() == 5);
  Prepare();
  REQUIRE(Answer(first, requests, kInput) == ValueBlock("k", "v") + "END\r\nHD\r\nNF\r\n");
  REQUIRE(Answer(second, others, kOther) ==
          "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n" +
              ValueBlock("k", "v") + "END\r\nVA 1 kazE= b\r\n1\r\nMN\r\n");
}

TEST_CASE_METHOD(Fixture, "A session whose requests cannot share a batch adds none of them") {
  const std::string many_gets = [] {
    std::string gets;
    for (size_t i = 0; i <= Batch::kMaxKeys; ++i) {
      gets += "get k\r\n";
    }
    return gets;
  }();
  const std::string_view input =
      GENERATE("get k\r\nget", "get k\r\nset k 0 0 3\r\nab", "get k k\r\nget k", "quit\r\n",
               "get k\r\nstats\r\n", "mn\r\nflush_all\r\n", "set k 0 0 9999\r\n",
               "set k 0 0 9999999\r\nxyz", "many");
  const std::string_view whole = input == "many" ? std::string_view(many_gets) : input;
  constexpr std::string_view kOther = "mn\r\nget k\r\n";
  const Batch::Range others = second.AddTo(batch, kOther);
  REQUIRE(others.size() == 2);
  REQUIRE(first.AddTo(batch, whole).empty());
  REQUIRE(batch.size() == 2);
  Prepare();
  REQUIRE(Answer(second, others, kOther) == "MN\r\n" + ValueBlock("k", "v") + "END\r\n");
  // Nothing of it has been kept.
  REQUIRE(Consume(first, "get k\r\n") == ValueBlock("k", "v") + "END\r\n");
}

TEST_CASE_METHOD(Fixture, "What is occupied with something else adds nothing") {
  REQUIRE(Consume(first, "set large 0 0 5000\r\nabc").empty());
  REQUIRE(first.AddTo(batch, "get k\r\n").empty());
}

TEST_CASE_METHOD(Fixture, "Where room for replies ends, the rest of the input is left") {
  const std::string value(4000, 'v');
  REQUIRE(Consume(first, Storage("set k 0 0 4000", value)) == "STORED\r\n");
  batch.Clear();
  constexpr std::string_view kInput = "get k\r\nget k\r\nget k\r\n";
  const Batch::Range requests = first.AddTo(batch, kInput);
  REQUIRE(requests.size() == 3);
  Prepare();
  const size_t done = first.Answer(requests, kInput, replies);
  const std::string found = ValueBlock("k", value) + "END\r\n";
  REQUIRE(TakeReplies() == found);
  REQUIRE(kInput.substr(done) == "get k\r\nget k\r\n");
}

}  // namespace
}  // namespace quarry::command
