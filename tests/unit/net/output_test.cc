#include "daemon/net/output.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"

namespace quarry::net {
namespace {

/// Stands for a socket that takes as many bytes at a time as it is told to.
class ScriptedSocket {
 public:
  /// Takes at most `limit` bytes of what is gathered into at most `vector_count` vectors.
  void Take(Output& output, size_t limit, size_t vector_count = 64) {
    std::vector<iovec> vectors(vector_count);
    const size_t used = output.Gather(vectors);
    size_t sent = 0;
    for (size_t i = 0; i < used && sent < limit; ++i) {
      const size_t bytes = std::min(vectors[i].iov_len, limit - sent);
      received_.append(static_cast<const char*>(vectors[i].iov_base), bytes);
      sent += bytes;
    }
    output.Advance(sent);
  }

  const std::string& received() const { return received_; }

 private:
  std::string received_;
};

/// Replies of every kind: text, pieces between it, and one at the end.
constexpr std::string_view kMixedReplies = "HD\r\nVA 9\r\npiece one\r\nEN\r\nlast piece";

void WriteMixedReplies(command::ReplyBuffer& replies) {
  replies.Append("HD\r\nVA 9\r\n");
  replies.AppendText("piece one");
  replies.AppendText("");
  replies.Append("\r\nEN\r\n");
  replies.AppendText("last piece");
}

TEST_CASE("Output comes out whole and in order wherever the socket stops taking it") {
  std::array<char, 256> scratch = {};
  command::ReplyBuffer replies(scratch);
  for (size_t first = 0; first <= kMixedReplies.size(); ++first) {
    for (size_t step = 1; step <= kMixedReplies.size(); ++step) {
      CAPTURE(first, step);
      WriteMixedReplies(replies);
      Output output;
      ScriptedSocket socket;
      output.Take(replies);
      REQUIRE(replies.empty());
      socket.Take(output, first);
      output.Detach();
      scratch.fill('x');  // the worker answers others meanwhile
      while (!output.empty()) {
        socket.Take(output, step);
      }
      REQUIRE(socket.received() == kMixedReplies);
    }
  }
}

TEST_CASE("Output goes on where a short list of vectors ended") {
  std::array<char, 256> scratch = {};
  command::ReplyBuffer replies(scratch);
  for (size_t vector_count = 1; vector_count <= 8; ++vector_count) {
    CAPTURE(vector_count);
    WriteMixedReplies(replies);
    Output output;
    ScriptedSocket socket;
    output.Take(replies);
    while (!output.empty()) {
      socket.Take(output, 1000, vector_count);
    }
    REQUIRE(socket.received() == kMixedReplies);
  }
}

TEST_CASE("Empty pieces alone leave the output empty") {
  std::array<char, 16> scratch = {};
  command::ReplyBuffer replies(scratch);
  replies.AppendText("");
  Output output;
  output.Take(replies);
  REQUIRE(output.empty());
}

TEST_CASE("Output tells what it keeps on the heap, which is nothing once all is sent") {
  std::array<char, 1024> scratch = {};
  command::ReplyBuffer replies(scratch);
  replies.Append(std::string(1000, 'x'));
  Output output;
  REQUIRE(output.HeapBytes() == 0);
  output.Take(replies);
  REQUIRE(output.HeapBytes() < 100);
  output.Detach();
  REQUIRE(output.HeapBytes() >= 1000);
  REQUIRE(output.HeapBytes() < 1200);
  ScriptedSocket socket;
  socket.Take(output, 1000);
  REQUIRE(output.HeapBytes() == 0);
}

/// A pin of a large item that holds `value`, and is gone already.
core::Pin PinOf(core::Engine& engine, std::string_view value) {
  const Instant now{10, 11};
  const core::Key key = engine.MakeKey("large");
  core::Upload upload = engine.BeginUpload(key, value.size(), now);
  REQUIRE(upload);
  for (size_t stored = 0; stored < value.size();) {
    std::array<std::span<char>, 4> spaces;
    const size_t count = upload.Space(spaces, upload.remaining_bytes());
    REQUIRE(count > 0);
    for (const std::span<char> space : std::span(spaces).first(count)) {
      stored += value.copy(space.data(), space.size(), stored);
      upload.Advance(space.size());
    }
  }
  engine.Store(key, {}, std::move(upload), now);
  core::Pin pinned;
  engine.Get(key, {}, now,
             [&pinned](const core::Fetched&, core::Pin pin) { pinned = std::move(pin); });
  REQUIRE(pinned);
  engine.Delete(key, {}, now);
  return pinned;
}

TEST_CASE("One call sends no more than 24 MB, though the value lies in one place") {
  constexpr size_t kMost = size_t{24} << 20;
  const auto engine = core::Engine::Create({.memory_bytes = 128 << 20, .max_item_bytes = 40 << 20});
  REQUIRE(engine.ok());
  std::array<char, 64> scratch = {};
  command::ReplyBuffer replies(scratch);
  replies.AppendPin(PinOf(**engine, std::string(kMost + kMost / 2, 'v')));
  Output output;
  output.Take(replies);
  std::array<iovec, 64> vectors = {};
  const auto gathered_bytes = [&] {
    size_t bytes = 0;
    for (const iovec& vector : std::span(vectors).first(output.Gather(vectors))) {
      bytes += vector.iov_len;
    }
    return bytes;
  };
  REQUIRE(gathered_bytes() == kMost);
  output.Advance(kMost);
  REQUIRE(gathered_bytes() == kMost / 2);
}

TEST_CASE("A pinned value is sent whole across its segments although its item is gone") {
  const auto engine = core::Engine::Create({});
  REQUIRE(engine.ok());
  std::string value(300'000, '\0');
  for (size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<char>('a' + i % 23);
  }
  std::array<char, 64> scratch = {};
  command::ReplyBuffer replies(scratch);
  replies.Append("head ");
  replies.AppendPin(PinOf(**engine, value));
  replies.Append(" tail");

  Output output;
  ScriptedSocket socket;
  output.Take(replies);
  output.Detach();
  for (size_t step = 1; !output.empty(); step = step * 3 % 70'001) {
    socket.Take(output, step, 2);
  }
  REQUIRE(socket.received() == "head " + value + " tail");
}

}  // namespace
}  // namespace quarry::net
