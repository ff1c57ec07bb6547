#include <optional>
#include <string>

#include "core/admission.h"
#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

constexpr size_t kSmallLimit = core::Engine::kMaxSmallValueBytes;

std::string ValueReply(const std::string& key, const std::string& value) {
  return ValueBlock(key, value) + "END\r\n";
}

TEST_CASE("Values of every size around the limits come back as they were sent") {
  Server server;
  Client client(server);
  for (const size_t bytes : {kSmallLimit - 1, kSmallLimit, kSmallLimit + 1, size_t{10000},
                             size_t{65536}, size_t{200001}, size_t{1048000}}) {
    CAPTURE(bytes);
    const std::string value = Pattern(bytes);
    const std::string request = Storage("set a 0 0 " + std::to_string(bytes), value);
    REQUIRE(client.Send(request) == "STORED\r\n");
    REQUIRE(client.Send("get a\r\n") == ValueReply("a", value));
    REQUIRE(client.SendCut(request, 1448) == "STORED\r\n");
    REQUIRE(client.Send("mg a v s k\r\n") == "VA " + std::to_string(bytes) + " s" +
                                                 std::to_string(bytes) + " ka\r\n" + value +
                                                 "\r\n");
  }
}

TEST_CASE("A large store answers in its dialect and keeps its options") {
  Server server;
  Client client(server);
  const std::string value = Pattern(20000);
  REQUIRE(client.SendCut(Storage("ms a 20000 T100 F7 E99 c k Oo s", value), 333) ==
          "HD c99 ka Oo s20000\r\n");
  const std::string reply = client.Send("mg a f c t\r\n");
  REQUIRE((reply == "HD f7 c99 t100\r\n" || reply == "HD f7 c99 t99\r\n"));
  REQUIRE(client.Send(Storage("ms a 20000 C98 k", value)) == "EX ka\r\n");
  REQUIRE(client.Send(Storage("ms a 20000 ME", value)) == "NS\r\n");
  REQUIRE(client.Send(Storage("ms a 20000 q", value) + "mn\r\n") == "MN\r\n");
  REQUIRE(client.Send(Storage("set b 0 0 20000 noreply", value) + "mn\r\n") == "MN\r\n");
  REQUIRE(client.Send(Storage("ms Zm9v 20000 b k", value)) == "HD kZm9v b\r\n");
  REQUIRE(client.Send("get foo\r\n") == ValueReply("foo", value));
}

TEST_CASE("Large values can be appended to and prepended to") {
  Server server;
  Client client(server);
  const std::string value = Pattern(20000);
  const std::string small = "-small-";
  client.Send(Storage("set a 0 0 20000", value));
  REQUIRE(client.Send(Storage("append a 0 0 7", small)) == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == ValueReply("a", value + small));
  REQUIRE(client.Send(Storage("prepend a 0 0 20000", value)) == "STORED\r\n");
  REQUIRE(client.Send("get a\r\n") == ValueReply("a", value + value + small));
}

TEST_CASE("Others have their turn between appends that copy much") {
  Server server;
  Client client(server);
  const std::string value = Pattern(400'000);
  const std::string append = Storage("append a 0 0 1", "x");
  client.Send(Storage("set a 0 0 400000", value));
  const size_t yields = client.yield_count();
  REQUIRE(client.Send(append + append) == "STORED\r\nSTORED\r\n");
  REQUIRE(client.yield_count() == yields);
  REQUIRE(client.Send(append + append + "get b\r\n" + append) ==
          "STORED\r\nSTORED\r\nEND\r\nSTORED\r\n");
  REQUIRE(client.yield_count() == yields + 1);
  const std::string much = Storage("append a 0 0 10000", Pattern(10'000));
  REQUIRE(client.Send(much + much + "mn\r\n") == "STORED\r\nSTORED\r\nMN\r\n");
  REQUIRE(client.yield_count() == yields + 2);
  REQUIRE(client.Send("get a\r\n") ==
          ValueReply("a", value + "xxxxx" + Pattern(10'000) + Pattern(10'000)));
}

TEST_CASE("Joining beyond the item limit is refused and the old value stays") {
  Server server;
  Client client(server);
  const std::string value = Pattern(700000);
  client.Send(Storage("set a 0 0 700000", value));
  REQUIRE(client.Send(Storage("append a 0 0 700000", value)) ==
          "SERVER_ERROR object too large for cache\r\n");
  REQUIRE(client.Send("get a\r\n") == ValueReply("a", value));
}

TEST_CASE("A large value without its CRLF is refused and the old one stays") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 3\r\nold\r\n");
  const std::string request = "set a 0 0 20000\r\n" + Pattern(20000) + "xyversion\r\n";
  for (const size_t fragment_bytes : {size_t{1}, size_t{1000}, request.size()}) {
    CAPTURE(fragment_bytes);
    REQUIRE(client.SendCut(request, fragment_bytes) ==
            "CLIENT_ERROR bad data chunk\r\nVERSION 1.6.45\r\n");
  }
  REQUIRE(client.Send("get a\r\n") == ValueReply("a", "old"));
}

TEST_CASE("A value over the item limit is refused at once and its bytes are dropped") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 0 1048576\r\n") == "SERVER_ERROR object too large for cache\r\n");
  REQUIRE(client.SendCut(std::string(1048576, '\n') + "\r\nversion\r\n", 4096) ==
          "VERSION 1.6.45\r\n");
  REQUIRE(client.session().idle());
}

TEST_CASE("What is refused as too large leaves no stale value behind, unless it was conditional") {
  Server server;
  Client client(server);
  const std::string body(2000000, 'x');
  const std::string refused = "SERVER_ERROR object too large for cache\r\n";
  for (const std::string line : {"add a 0 0 2000000", "replace a 0 0 2000000",
                                 "append a 0 0 2000000", "cas a 0 0 2000000 1"}) {
    CAPTURE(line);
    client.Send("set a 0 0 1\r\nx\r\n");
    REQUIRE(client.Send(Storage(line, body)) == refused);
    REQUIRE(client.Send("get a\r\n") == ValueReply("a", "x"));
  }
  REQUIRE(client.Send(Storage("set a 0 0 2000000", body)) == refused);
  REQUIRE(client.Send("get a\r\n") == "END\r\n");
}

TEST_CASE("The longest length that the protocol admits is refused, not waited for") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set a 0 0 2147483645\r\n") == "SERVER_ERROR object too large for cache\r\n");
  REQUIRE(client.Send("set b 0 0 2147483646\r\n").empty());  // The body of the first.
}

TEST_CASE("A large store waits for admission and goes on after the wake") {
  Server server;
  Client client(server);
  std::optional<core::AdmissionTicket> other(std::in_place);
  REQUIRE(server.engine().admission().Admit(*other, core::ClaimKind::kUpload, uint64_t{1} << 40));
  const std::string value = Pattern(20000);
  REQUIRE(client.Send(Storage("set a 0 0 20000", value) + "version\r\n").empty());
  REQUIRE(client.waiting());
  REQUIRE_FALSE(client.session().body_pending());
  REQUIRE_FALSE(client.session().idle());
  REQUIRE(client.wake_count() == 0);
  other.reset();
  REQUIRE(client.wake_count() == 1);
  REQUIRE(client.Resume() == "STORED\r\nVERSION 1.6.45\r\n");
  REQUIRE(client.Send("get a\r\n") == ValueReply("a", value));
}

TEST_CASE("Who waits for room is sent what it is owed before") {
  Server server;
  Client client(server);
  std::optional<core::AdmissionTicket> other(std::in_place);
  REQUIRE(server.engine().admission().Admit(*other, core::ClaimKind::kUpload, uint64_t{1} << 40));
  const size_t flushed_before = client.flush_count();
  REQUIRE(client.Send("version\r\n" + Storage("set a 0 0 20000", Pattern(20000))) ==
          "VERSION 1.6.45\r\n");
  REQUIRE(client.waiting());
  REQUIRE(client.flush_count() == flushed_before + 1);
}

/// A server with a memory that holds one pinned value of 30 MB, and an upload, but not two.
Server ServerForHugeValues() {
  core::EngineOptions options;
  options.memory_bytes = uint64_t{64} << 20;
  options.max_item_bytes = uint64_t{31} << 20;
  return Server(options);
}

TEST_CASE("A value that finds no room to be pinned is sent after the wake, in its turn") {
  Server server = ServerForHugeValues();
  Client client(server);
  const std::string value = Pattern(30 << 20);
  const std::string length = std::to_string(value.size());
  client.Send(Storage("set a 0 0 " + length, value));
  std::optional<core::AdmissionTicket> other(std::in_place);
  REQUIRE(server.engine().admission().Admit(*other, core::ClaimKind::kPin, uint64_t{30} << 20));
  REQUIRE(client.Send("set b 0 0 1\r\nb\r\nget b a b\r\nincr b 1\r\nversion\r\n") ==
          "STORED\r\n" + ValueBlock("b", "b"));
  REQUIRE(client.waiting());
  REQUIRE_FALSE(client.session().idle());
  REQUIRE(client.Send("mn\r\n").empty());
  other.reset();
  REQUIRE(client.wake_count() == 1);
  REQUIRE(client.Resume() ==
          ValueBlock("a", value) + ValueBlock("b", "b") + "END\r\n" +
              "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n" +
              "VERSION 1.6.45\r\nMN\r\n");
  REQUIRE(server.engine().admission().claimed_bytes(core::ClaimKind::kPin) == 0);
}

TEST_CASE("A get that waits has had no effect, and answers for the item of the time it is sent") {
  Server server = ServerForHugeValues();
  Client client(server);
  Client other_client(server);
  const std::string value = Pattern(30 << 20);
  client.Send(Storage("ms a " + std::to_string(value.size()), value));
  client.Send("md a I T30\r\n");
  std::optional<core::AdmissionTicket> other(std::in_place);
  REQUIRE(server.engine().admission().Admit(*other, core::ClaimKind::kPin, uint64_t{30} << 20));
  REQUIRE(client.Send("mg a s h v\r\n").empty());
  REQUIRE(client.waiting());
  REQUIRE(StatOf(other_client.Send("stats\r\n"), "get_hits") == "0");
  REQUIRE(other_client.Send("mg a h s k\r\n") == "HD h0 s31457280 ka X W\r\n");
  other_client.Send("set a 0 0 3\r\nnew\r\n");
  REQUIRE(client.Resume() == "VA 3 s3 h0\r\nnew\r\n");
  REQUIRE_FALSE(server.engine().admission().has_waiters());
}

TEST_CASE("Several large values in one line do not wait for one another") {
  Server server = ServerForHugeValues();
  Client client(server);
  const std::string value = Pattern(20 << 20);
  for (const std::string key : {"a", "b"}) {
    client.Send(Storage("set " + key + " 0 0 " + std::to_string(value.size()), value));
  }
  REQUIRE(client.Send("get a b a\r\n") ==
          ValueBlock("a", value) + ValueBlock("b", value) + ValueBlock("a", value) + "END\r\n");
}

TEST_CASE("A slow upload that is ended is answered, its bytes dropped, its memory given back") {
  Server server;
  Client client(server);
  const std::string value = Pattern(20000);
  client.Send("set a 0 0 3\r\nold\r\n");
  client.Send("set a 0 0 20000\r\n" + value.substr(0, 5000));
  REQUIRE_FALSE(client.session().IsUploadAwaited());
  std::optional<core::AdmissionTicket> other(std::in_place);
  REQUIRE_FALSE(
      server.engine().admission().Admit(*other, core::ClaimKind::kUpload, uint64_t{1} << 40));
  REQUIRE(client.session().IsUploadAwaited());
  REQUIRE(client.EndSlowUpload() ==
          "SERVER_ERROR value came too slowly while others waited for memory\r\n");
  REQUIRE(server.engine().admission().claimed_bytes(core::ClaimKind::kUpload) == uint64_t{1} << 40);
  REQUIRE(client.Send(value.substr(5000) + "\r\nget a\r\n") == "END\r\n");
}

TEST_CASE("A client that goes away gives its admission back") {
  Server server;
  const std::string value = Pattern(20000);
  {
    Client client(server);
    client.Send("set a 0 0 20000\r\n" + value.substr(0, 5000));
    REQUIRE(server.engine().admission().claimed_bytes(core::ClaimKind::kUpload) >= 20000);
    REQUIRE(client.session().body_pending());
  }
  REQUIRE(server.engine().admission().claimed_bytes(core::ClaimKind::kUpload) == 0);
  Client client(server);
  REQUIRE(client.Send("get a\r\n") == "END\r\n");
}

TEST_CASE("A value is not seen before its last byte has come") {
  Server server;
  Client writer(server);
  Client reader(server);
  const std::string old_value = Pattern(30000);
  const std::string new_value = Pattern(20000);
  writer.Send(Storage("set a 0 0 30000", old_value));
  const std::string request = Storage("set a 0 0 20000", new_value);
  writer.Send(request.substr(0, request.size() - 1));
  REQUIRE(reader.Send("get a\r\n") == ValueReply("a", old_value));
  REQUIRE(writer.Send("\n") == "STORED\r\n");
  REQUIRE(reader.Send("get a\r\n") == ValueReply("a", new_value));
}

}  // namespace
}  // namespace quarry::command
