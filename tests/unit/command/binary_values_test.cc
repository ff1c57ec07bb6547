#include <optional>
#include <string>
#include <vector>

#include "core/admission.h"
#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

constexpr size_t kSmallLimit = core::Engine::kMaxSmallValueBytes;

std::string Set(const std::string& key, const std::string& value) {
  return RequestBytes({0x01, StoreExtras(3), key, value});
}

/// A reply's CAS, which differs from server to server, made 0.
std::string WithoutCas(std::string reply) {
  return reply.replace(16, 8, 8, '\0');
}

std::string Hit(const std::string& value) {
  return ReplyBytes({.opcode = 0x00, .extras = Big(3, 4), .value = value});
}

TEST_CASE("Binary values of every size come back at every way of arrival") {
  Server server;
  Client client(server);
  for (const size_t bytes :
       {size_t{0}, size_t{1}, kSmallLimit - 1, kSmallLimit, kSmallLimit + 1, size_t{9'900},
        size_t{10'240}, size_t{65'536}, size_t{200'001}, size_t{1'048'000}}) {
    const std::string value = Pattern(bytes);
    for (const size_t fragment_bytes : {size_t{997}, size_t{4096}, size_t{2} << 20}) {
      CAPTURE(bytes, fragment_bytes);
      REQUIRE(WithoutCas(client.SendCut(Set("k", value), fragment_bytes)) ==
              ReplyBytes({.opcode = 0x01}));
      REQUIRE(client.session().idle());
      REQUIRE(WithoutCas(client.Send(RequestBytes({0x00, "", "k"}))) == Hit(value));
      REQUIRE(client.Send(RequestBytes({0x04, "", "k"})) == ReplyBytes({.opcode = 0x04}));
    }
  }
}

TEST_CASE("A large binary value that arrives byte by byte is one value") {
  Server server;
  Client client(server);
  const std::string value = Pattern(kSmallLimit + 1000);
  REQUIRE(WithoutCas(client.SendCut(Set("k", value), 1)) == ReplyBytes({.opcode = 0x01}));
  REQUIRE(WithoutCas(client.Send(RequestBytes({0x00, "", "k"}))) == Hit(value));
}

TEST_CASE("What follows a large binary value is the next packet") {
  Server server;
  Client client(server);
  const std::string value = Pattern(50'000);
  const std::string request = RequestBytes({0x11, StoreExtras(0), "k", value}) +
                              RequestBytes({0x0a}) + RequestBytes({0x19, "", "k", value}) +
                              RequestBytes({0x1a, "", "k", "<"}) +
                              RequestBytes({0x09, "", "gone"}) + RequestBytes({0x0b});
  for (const size_t fragment_bytes : {size_t{1448}, request.size()}) {
    CAPTURE(fragment_bytes);
    REQUIRE(client.SendCut(request, fragment_bytes) ==
            ReplyBytes({.opcode = 0x0a}) + ReplyBytes({.opcode = 0x0b, .value = "1.6.45"}));
    Client text(server);
    const std::string joined = std::string("<").append(value).append(value);
    REQUIRE(text.Send("get k\r\n") == ValueBlock("k", joined) + "END\r\n");
  }
}

TEST_CASE("A large binary store waits for admission and goes on after the wake") {
  Server server;
  Client client(server);
  std::optional<core::AdmissionTicket> other(std::in_place);
  REQUIRE(server.engine().admission().Admit(*other, core::ClaimKind::kUpload, uint64_t{1} << 40));
  REQUIRE(client.Send(Set("k", Pattern(20'000)) + RequestBytes({0x0a})).empty());
  REQUIRE(client.waiting());
  other.reset();
  const std::string replies = client.Resume();
  REQUIRE(WithoutCas(replies) == ReplyBytes({.opcode = 0x01}) + ReplyBytes({.opcode = 0x0a}));
}

TEST_CASE("A slow binary upload that others wait for is refused, and the rest of it dropped") {
  Server server;
  Client client(server);
  const std::string request = Set("k", Pattern(700'000));
  REQUIRE(client.Send(request.substr(0, 400'000)).empty());
  REQUIRE(client.session().body_pending());
  REQUIRE(client.EndSlowUpload() ==
          ReplyBytes({.opcode = 0x01,
                      .value = "value came too slowly while others waited for memory",
                      .status = 0x82}));
  REQUIRE(client.Send(request.substr(400'000) + RequestBytes({0x0a})) ==
          ReplyBytes({.opcode = 0x0a}));
}

TEST_CASE("Replies that do not fit the buffer are sent in turns") {
  Server server;
  Client client(server);
  client.Send(Set("k", Pattern(4000)));
  std::string requests;
  for (uint32_t i = 0; i < 100; ++i) {
    requests += RequestBytes({0x0d, "", "k", "", i});
  }
  const std::string replies = client.Send(requests);
  REQUIRE(replies.size() == 100 * (24 + 4 + 1 + 4000));
  REQUIRE(client.flush_count() >= 50);
  for (uint32_t i = 0; i < 100; ++i) {
    REQUIRE(replies.substr(i * 4029 + 12, 4) == Big(i, 4));
  }
}

}  // namespace
}  // namespace quarry::command
