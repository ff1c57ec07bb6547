// What Session::AddTo and Session::Answer do for several sessions whose turns are one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/admission.h"
#include "core/engine.h"
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
    REQUIRE(session.Answer(requests, input, replies).consumed == input.size());
    return TakeReplies();
  }
  std::string TakeReplies() {
    std::string text(replies.text());
    replies.Clear();
    return text;
  }
  /// The first session answers the `count` requests of `input` alone; the replies are kept.
  Session::Progress AnswerAlone(std::string_view input, size_t count) {
    batch.Clear();
    const Batch::Range requests = first.AddTo(batch, input);
    REQUIRE(requests.size() == count);
    Prepare();
    return first.Answer(requests, input, replies);
  }
  void Prepare() {
    server.executor().ReadClock();
    batch.PrefetchItems();
  }

  static core::EngineOptions WithLargeItems() {
    core::EngineOptions options;
    options.max_item_bytes = uint64_t{4} << 20;
    return options;
  }

  Server server{WithLargeItems()};
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

std::string MoreThanABatch() {
  std::string gets;
  for (size_t i = 0; i <= Batch::kMaxKeys; ++i) {
    gets += "get k\r\n";
  }
  return gets;
}

/// Ends in a key that is refused before its end has come.
std::string RefusedKey() {
  std::string line = "get k\r\nget";
  for (int i = 0; i < 9; ++i) {
    line += ' ' + std::string(249, 'n');
  }
  return line + ' ' + std::string(252, 'x');
}

TEST_CASE_METHOD(Fixture, "A session whose requests cannot share a batch adds none of them") {
  const auto input =
      GENERATE(as<std::string>(), MoreThanABatch(), RefusedKey(), "get k\r\nget",
               "get k\r\nset k 0 0 3\r\nab", "get k k\r\nget k", "quit\r\n", "get k\r\nstats\r\n",
               "mn\r\nflush_all\r\n", "set k 0 0 9999\r\n", "set k 0 0 9999999\r\nxyz");
  constexpr std::string_view kOther = "mn\r\nget k\r\n";
  const Batch::Range others = second.AddTo(batch, kOther);
  REQUIRE(others.size() == 2);
  REQUIRE(first.AddTo(batch, input).empty());
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
  constexpr std::string_view kInput = "get k\r\nget k\r\nget k\r\n";
  const size_t done = AnswerAlone(kInput, 3).consumed;
  const std::string found = ValueBlock("k", value) + "END\r\n";
  REQUIRE(TakeReplies() == found);
  REQUIRE(kInput.substr(done) == "get k\r\nget k\r\n");
}

TEST_CASE_METHOD(Fixture, "A session that must wait keeps no place in the queue meanwhile") {
  Client client(server);
  REQUIRE(client.Send(Storage("set large 0 0 20000", Pattern(20'000))) == "STORED\r\n");
  std::optional<core::AdmissionTicket> other(std::in_place);
  core::Admission& admission = server.engine().admission();
  REQUIRE(admission.Admit(*other, core::ClaimKind::kPin, uint64_t{1} << 40));
  constexpr std::string_view kInput = "get k\r\nget large\r\nget k\r\n";
  const Session::Progress progress = AnswerAlone(kInput, 3);
  REQUIRE(TakeReplies() == ValueBlock("k", "v") + "END\r\n");
  REQUIRE(kInput.substr(progress.consumed) == "get large\r\nget k\r\n");
  REQUIRE(progress.next == Session::Next::kRead);
  other.reset();
  REQUIRE(admission.claimed_bytes(core::ClaimKind::kPin) == 0);
}

TEST_CASE_METHOD(Fixture, "A session that has copied much lets others have their turn") {
  Client client(server);
  const std::string value = Pattern(2'000'000);
  REQUIRE(client.Send(Storage("set large 0 0 2000000", value)) == "STORED\r\n");
  constexpr std::string_view kInput = "append large 0 0 1\r\nz\r\nget k\r\n";
  const Session::Progress progress = AnswerAlone(kInput, 2);
  REQUIRE(TakeReplies() == "STORED\r\n");
  REQUIRE(kInput.substr(progress.consumed) == "get k\r\n");
  REQUIRE(progress.next == Session::Next::kYield);
  // It begins to count anew.
  constexpr std::string_view kRest = "incr none 1\r\nget k\r\n";
  REQUIRE(AnswerAlone(kRest, 2).consumed == kRest.size());
  REQUIRE(TakeReplies() == "NOT_FOUND\r\n" + ValueBlock("k", "v") + "END\r\n");
}

}  // namespace
}  // namespace quarry::command
