#include "tests/bench/floor/canned_replies.h"

#include <array>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/binary_reply_parser.h"
#include "tests/bench/reply_parser.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

/// One reply, joined from as few pieces as are handed out at a time.
std::string Whole(const CannedReplies& replies, RequestKind kind, size_t pieces_at_once) {
  std::string whole;
  std::vector<iovec> pieces(pieces_at_once);
  while (whole.size() < replies.SizeOf(kind)) {
    const size_t used = replies.PiecesFrom(kind, whole.size(), 0, pieces);
    REQUIRE(used > 0);
    for (size_t i = 0; i < used; ++i) {
      whole.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    }
  }
  return whole;
}

/// What the load generator reads in a text: the number of values, their bytes, and the last event.
struct Seen {
  size_t values = 0;
  size_t value_bytes = 0;
  ReplyKind last = ReplyKind::kIncomplete;
};

template <typename Parser>
Seen Read(std::string_view text) {
  Parser parser;
  Seen seen;
  for (;;) {
    const Reply reply = parser.Next(&text);
    if (reply.kind == ReplyKind::kIncomplete) {
      return seen;
    }
    seen.last = reply.kind;
    seen.values += reply.kind == ReplyKind::kValueHead ? 1 : 0;
    seen.value_bytes += reply.kind == ReplyKind::kValueBytes ? reply.text.size() : 0;
  }
}

TEST_CASE("A multi-get is answered with as many hits as it has keys") {
  const CannedReplies replies({.value_bytes = 100, .key_bytes = 30, .keys_per_get = 100});
  const Seen seen = Read<ReplyParser>(Whole(replies, RequestKind::kClassicGet, 1));
  CHECK(seen.values == 100);
  CHECK(seen.value_bytes == 10'000);
  CHECK(seen.last == ReplyKind::kEnd);
}

TEST_CASE("A large value is whole from however many pieces it is sent") {
  const CannedReplies replies({.value_bytes = 1'000'000, .key_bytes = 30, .keys_per_get = 1});
  REQUIRE_FALSE(replies.IsSmall(RequestKind::kClassicGet));
  for (const size_t pieces : {size_t{1}, size_t{3}, size_t{64}}) {
    const Seen seen = Read<ReplyParser>(Whole(replies, RequestKind::kClassicGet, pieces));
    CHECK(seen.values == 1);
    CHECK(seen.value_bytes == 1'000'000);
    CHECK(seen.last == ReplyKind::kEnd);
  }
}

TEST_CASE("Large values come from all over the memory that is given for them") {
  const CannedReplies replies({.value_bytes = 100'000, .memory_bytes = 10'000'000});
  std::set<const void*> places;
  for (uint64_t number = 0; number < 1000; ++number) {
    std::array<iovec, 3> pieces{};
    REQUIRE(replies.PiecesFrom(RequestKind::kClassicGet, 0, number, pieces) == 3);
    places.insert(pieces[1].iov_base);
  }
  CHECK(places.size() > 90);
  CHECK(places.size() <= 100);
}

TEST_CASE("Replies of all dialects are what the load generator takes for them") {
  const CannedReplies replies({.value_bytes = 100, .key_bytes = 30, .keys_per_get = 1});
  const auto text = [&replies](RequestKind kind) {
    return Read<ReplyParser>(Whole(replies, kind, 1)).last;
  };
  CHECK(text(RequestKind::kClassicSet) == ReplyKind::kStored);
  CHECK(text(RequestKind::kMetaGet) == ReplyKind::kValueEnd);
  CHECK(text(RequestKind::kMetaSet) == ReplyKind::kStored);
  CHECK(text(RequestKind::kMetaNoop) == ReplyKind::kNoop);
  CHECK(text(RequestKind::kOther) == ReplyKind::kErrorLine);
  const auto packet = [&replies](RequestKind kind) {
    return Read<BinaryReplyParser>(Whole(replies, kind, 1)).last;
  };
  CHECK(packet(RequestKind::kBinaryGet) == ReplyKind::kValueEnd);
  CHECK(packet(RequestKind::kBinarySet) == ReplyKind::kStored);
  CHECK(packet(RequestKind::kBinaryNoop) == ReplyKind::kNoop);
}

TEST_CASE("Small replies in a row are whole ones") {
  const CannedReplies replies({.value_bytes = 100, .key_bytes = 30, .keys_per_get = 1});
  const std::string_view row = replies.InARow(RequestKind::kClassicGet);
  CHECK(row.size() % replies.SizeOf(RequestKind::kClassicGet) == 0);
  CHECK(Read<ReplyParser>(row).values == row.size() / replies.SizeOf(RequestKind::kClassicGet));
}

}  // namespace
}  // namespace quarry::bench
