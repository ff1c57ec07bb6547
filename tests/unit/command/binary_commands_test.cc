#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

constexpr uint16_t kNotFound = 0x01;
constexpr uint16_t kExists = 0x02;
constexpr uint16_t kTooLarge = 0x03;
constexpr uint16_t kInvalid = 0x04;
constexpr uint16_t kNotStored = 0x05;
constexpr uint16_t kNonNumeric = 0x06;
constexpr uint16_t kUnknown = 0x81;

/// A client that speaks binary, beside one that looks at the same cache in text.
struct Pair {
  Server server;
  Client text{server};
  Client binary{server};

  std::string Ask(const Packet& packet) { return binary.Send(RequestBytes(packet)); }

  /// The CAS of an item that must be there.
  uint64_t CasOf(const std::string& key) {
    const std::string reply = text.Send("mg " + key + " c u\r\n");
    REQUIRE(reply.starts_with("HD c"));
    return std::stoull(reply.substr(4));
  }

  /// True when the packet's reply is a success that shows the new CAS of its key, and `value`.
  bool Changes(const Packet& packet, const std::string& value = {}) {
    const std::string reply = Ask(packet);
    return reply == ReplyBytes({.opcode = packet.opcode, .value = value, .cas = CasOf(packet.key)});
  }
};

/// The reply of `opcode` with a status and the words for it.
std::string Refusal(uint8_t opcode, uint16_t status, const std::string& text) {
  return ReplyBytes({.opcode = opcode, .value = text, .status = status});
}

std::string NotFound(uint8_t opcode) {
  return Refusal(opcode, kNotFound, "Not found");
}

std::string Exists(uint8_t opcode) {
  return Refusal(opcode, kExists, "Data exists for key.");
}

TEST_CASE("Binary and text are two views of one cache") {
  Pair both;
  REQUIRE(both.Changes({0x01, StoreExtras(7), "k", "value"}));
  REQUIRE(both.text.Send("get k\r\n") == "VALUE k 7 5\r\nvalue\r\nEND\r\n");
  both.text.Send("set k 9 0 3\r\nnew\r\n");
  REQUIRE(
      both.Ask({0x00, "", "k"}) ==
      ReplyBytes({.opcode = 0x00, .extras = Big(9, 4), .value = "new", .cas = both.CasOf("k")}));
}

TEST_CASE("Get and its kin answer hits and misses each in its own way") {
  Pair both;
  both.text.Send("set k 5 0 1\r\nv\r\n");
  const uint64_t cas = both.CasOf("k");
  const std::string flags = Big(5, 4);
  const std::string expiry = Big(0, 4);
  struct Kind {
    uint8_t opcode;
    std::string extras;
    bool with_key;
    bool quiet;
  };
  for (const Kind& kind : std::vector<Kind>{{0x00, "", false, false},
                                            {0x09, "", false, true},
                                            {0x0c, "", true, false},
                                            {0x0d, "", true, true},
                                            {0x1d, expiry, false, false},
                                            {0x1e, expiry, false, true},
                                            {0x23, expiry, true, false},
                                            {0x24, expiry, true, true}}) {
    CAPTURE(int{kind.opcode});
    REQUIRE(both.Ask({kind.opcode, kind.extras, "k", "", 77}) ==
            ReplyBytes({kind.opcode, flags, kind.with_key ? "k" : "", "v", 77, cas}));
    std::string miss;
    if (!kind.quiet) {
      miss = kind.with_key ? ReplyBytes({kind.opcode, "", "gone", "", 78, 0, kNotFound})
                           : ReplyBytes({kind.opcode, "", "", "Not found", 78, 0, kNotFound});
    }
    REQUIRE(both.Ask({kind.opcode, kind.extras, "gone", "", 78}) == miss);
  }
}

TEST_CASE("GAT and touch move the end of an item, and touch shows its flags") {
  Pair both;
  both.text.Send("set k 5 0 1\r\nv\r\n");
  const uint64_t cas = both.CasOf("k");
  REQUIRE(both.Ask({0x1c, Big(1000, 4), "k"}) ==
          ReplyBytes({.opcode = 0x1c, .extras = Big(5, 4), .cas = cas}));
  const std::string ttl = both.text.Send("mg k t\r\n");
  REQUIRE((ttl == "HD t1000\r\n" || ttl == "HD t999\r\n"));
  both.Ask({0x1d, Big(0, 4), "k"});
  REQUIRE(both.text.Send("mg k t c\r\n") == "HD t-1 c" + std::to_string(cas) + "\r\n");
  REQUIRE(both.Ask({0x1c, Big(0, 4), "gone"}) == NotFound(0x1c));
  const std::string stats = both.text.Send("stats\r\n");
  REQUIRE(StatOf(stats, "cmd_touch") == "3");
  REQUIRE(StatOf(stats, "touch_hits") == "2");
  REQUIRE(StatOf(stats, "cmd_get") == StatOf(stats, "get_hits"));
}

TEST_CASE("An expiry of all ones is far, not past") {
  Pair both;
  both.Ask({0x01, StoreExtras(0, 0xffffffff), "k", "v"});
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "v") + "END\r\n");
  both.Ask({0x1c, Big(0x80000000, 4), "k"});
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "v") + "END\r\n");
}

TEST_CASE("Stores tell why they did not store") {
  Pair both;
  const std::string extras = StoreExtras(0);
  REQUIRE(both.Ask({0x03, extras, "k", "v"}) == NotFound(0x03));
  REQUIRE(both.Ask({0x0e, "", "k", "v"}) == Refusal(0x0e, kNotStored, "Not stored."));
  REQUIRE(both.Ask({0x0f, "", "k", "v"}) == Refusal(0x0f, kNotStored, "Not stored."));
  REQUIRE(both.Changes({0x02, extras, "k", "v"}));
  REQUIRE(both.Ask({0x02, extras, "k", "w"}) == Exists(0x02));
  REQUIRE(both.Changes({0x03, extras, "k", "w"}));
  REQUIRE(both.Changes({0x0e, "", "k", ">"}));
  REQUIRE(both.Changes({0x0f, "", "k", "<"}));
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "<w>") + "END\r\n");
}

TEST_CASE("A CAS makes a store, an append, a count or a delete conditional") {
  Pair both;
  const std::string extras = StoreExtras(0);
  for (const uint8_t opcode : std::vector<uint8_t>{0x01, 0x02, 0x03}) {
    CAPTURE(int{opcode});
    REQUIRE(both.Ask({opcode, extras, "gone", "v", 0, 1}) == NotFound(opcode));
    both.text.Send("set k 0 0 1\r\n5\r\n");
    const uint64_t cas = both.CasOf("k");
    REQUIRE(both.Ask({opcode, extras, "k", "6", 0, cas + 1}) == Exists(opcode));
    REQUIRE(both.Changes({opcode, extras, "k", "7", 0, cas}));
    REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "7") + "END\r\n");
  }
  const uint64_t cas = both.CasOf("k");
  REQUIRE(both.Ask({0x0e, "", "k", "1", 0, cas + 1}) == Exists(0x0e));
  REQUIRE(both.Ask({0x0e, "", "gone", "1", 0, cas}) == Refusal(0x0e, kNotStored, "Not stored."));
  REQUIRE(both.Ask({0x05, CountExtras(1, 0, 0), "k", "", 0, cas + 1}) == Exists(0x05));
  REQUIRE(both.Ask({0x04, "", "k", "", 0, cas + 1}) == Exists(0x04));
  REQUIRE(both.Ask({0x04, "", "k", "", 0, cas}) == ReplyBytes({.opcode = 0x04}));
  REQUIRE(both.Ask({0x04, "", "k", "", 0, cas}) == NotFound(0x04));
}

TEST_CASE("Increment and decrement count, create, or say that there is nothing to count") {
  Pair both;
  REQUIRE(both.Ask({0x05, CountExtras(1, 10, 0xffffffff), "n"}) == NotFound(0x05));
  REQUIRE(both.Changes({0x05, CountExtras(1, 10, 0), "n"}, Big(10, 8)));
  REQUIRE(both.Changes({0x05, CountExtras(5, 10, 0), "n"}, Big(15, 8)));
  REQUIRE(both.Changes({0x06, CountExtras(6, 10, 0), "n"}, Big(9, 8)));
  REQUIRE(both.text.Send("get n\r\n") == ValueBlock("n", "9 ") + "END\r\n");
  REQUIRE(both.Changes({0x06, CountExtras(100, 0, 0), "n"}, Big(0, 8)));
  both.text.Send("set n 0 0 20\r\n18446744073709551615\r\n");
  REQUIRE(both.Changes({0x05, CountExtras(1, 0, 0), "n"}, Big(0, 8)));
  both.text.Send("set n 0 0 4\r\ntext\r\n");
  REQUIRE(both.Ask({0x05, CountExtras(1, 0, 0), "n"}) ==
          Refusal(0x05, kNonNumeric, "Non-numeric server-side value for incr or decr"));
  both.Ask({0x05, CountExtras(1, 3, 500), "timed"});
  const std::string ttl = both.text.Send("mg timed t v\r\n");
  REQUIRE((ttl == "VA 1 t500\r\n3\r\n" || ttl == "VA 1 t499\r\n3\r\n"));
}

TEST_CASE("Quiet changes are silent when they succeed, and speak when they do not") {
  Pair both;
  const std::string extras = StoreExtras(0);
  const std::string count = CountExtras(1, 0, 0xffffffff);
  REQUIRE(both.Ask({0x11, extras, "k", "1"}).empty());
  REQUIRE(both.Ask({0x13, extras, "k", "2"}).empty());
  REQUIRE(both.Ask({0x12, extras, "new", "1"}).empty());
  REQUIRE(both.Ask({0x19, "", "k", "3"}).empty());
  REQUIRE(both.Ask({0x1a, "", "k", "1"}).empty());
  REQUIRE(both.Ask({0x15, count, "k"}).empty());
  REQUIRE(both.Ask({0x16, count, "k"}).empty());
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "123") + "END\r\n");
  REQUIRE(both.Ask({0x12, extras, "k", "1"}) == Exists(0x12));
  REQUIRE(both.Ask({0x13, extras, "gone", "1"}) == NotFound(0x13));
  REQUIRE(both.Ask({0x11, extras, "gone", "1", 0, 5}) == NotFound(0x11));
  REQUIRE(both.Ask({0x19, "", "gone", "1"}) == Refusal(0x19, kNotStored, "Not stored."));
  REQUIRE(both.Ask({0x1a, "", "gone", "1"}) == Refusal(0x1a, kNotStored, "Not stored."));
  REQUIRE(both.Ask({0x15, count, "gone"}) == NotFound(0x15));
  REQUIRE(both.Ask({0x16, count, "gone"}) == NotFound(0x16));
  REQUIRE(both.Ask({0x14, "", "gone"}) == NotFound(0x14));
  REQUIRE(both.Ask({0x14, "", "k"}).empty());
  REQUIRE(both.Ask({0x18}).empty());
  REQUIRE(both.text.Send("get new\r\n") == "END\r\n");
}

TEST_CASE("A multi-get is quiet gets and a no-op, answered in order with their opaques") {
  Pair both;
  std::string requests;
  std::string replies;
  for (uint32_t i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(i);
    if (i % 3 != 0) {
      both.text.Send("set " + key + " 0 0 4\r\ndata\r\n");
      replies += ReplyBytes({0x0d, Big(0, 4), key, "data", i, both.CasOf(key)});
    }
    requests += RequestBytes({0x0d, "", key, "", i});
  }
  requests += RequestBytes({0x0a, "", "", "", 999});
  replies += ReplyBytes({0x0a, "", "", "", 999});
  REQUIRE(both.binary.Send(requests) == replies);
  for (const size_t fragment_bytes : std::vector<size_t>{1, 2, 23, 24, 25, 100}) {
    CAPTURE(fragment_bytes);
    REQUIRE(both.binary.SendCut(requests, fragment_bytes) == replies);
  }
}

TEST_CASE("Version, flush and quit") {
  Pair both;
  REQUIRE(both.Ask({0x0b, "", "", "", 5}) == ReplyBytes({0x0b, "", "", "1.6.45", 5}));
  both.text.Send("set k 0 0 1\r\nv\r\n");
  REQUIRE(both.Ask({0x08, Big(100, 4)}) == ReplyBytes({.opcode = 0x08}));
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "v") + "END\r\n");
  REQUIRE(both.Ask({0x08}) == ReplyBytes({.opcode = 0x08}));
  REQUIRE(both.text.Send("get k\r\n") == "END\r\n");
  REQUIRE(StatOf(both.text.Send("stats\r\n"), "cmd_flush") == "2");
  REQUIRE(both.binary.Send(RequestBytes({0x07}) + RequestBytes({0x0a})) ==
          ReplyBytes({.opcode = 0x07}));
  REQUIRE(both.binary.closed());
  Client quiet(both.server);
  REQUIRE(quiet.Send(RequestBytes({0x17}) + RequestBytes({0x0a})).empty());
  REQUIRE(quiet.closed());
}

TEST_CASE("Stat names a group by its key, and ends with an empty packet") {
  Pair both;
  const std::string general = both.Ask({0x10, "", "", "", 6});
  REQUIRE(general.find(ReplyBytes({0x10, "", "version", "1.6.45", 6})) != std::string::npos);
  REQUIRE(general.ends_with(ReplyBytes({0x10, "", "", "", 6})));
  both.text.Send("set k 0 0 1\r\nv\r\n");
  const std::string items = both.Ask({0x10, "", "items"});
  REQUIRE(items.find(":number") != std::string::npos);
  for (const std::string group : {"slabs", "sizes", "reset"}) {
    CAPTURE(group);
    REQUIRE(both.Ask({0x10, "", group}).ends_with(ReplyBytes({.opcode = 0x10})));
  }
  REQUIRE(both.Ask({0x10, "", "reset"}) == ReplyBytes({.opcode = 0x10}));
  REQUIRE(both.Ask({0x10, "", "conns"}) == NotFound(0x10));
  REQUIRE(both.Ask({0x10, "", "bogus"}) == NotFound(0x10));
  REQUIRE(both.Ask({0x10, "", "cachedump 1 0"}) == NotFound(0x10));
}

TEST_CASE("Stat switches the counts by prefix, and dumps them as one pair") {
  Pair both;
  REQUIRE(both.Ask({0x10, "", "detail on"}) == ReplyBytes({.opcode = 0x10}));
  both.Ask({0x00, "", "user:1"});
  REQUIRE(
      both.Ask({0x10, "", "detail dump"}) ==
      ReplyBytes(
          {.opcode = 0x10, .key = "detailed", .value = both.text.Send("stats detail dump\r\n")}) +
          ReplyBytes({.opcode = 0x10}));
  REQUIRE(both.text.Send("stats detail dump\r\n") ==
          "PREFIX user get 1 hit 0 set 0 del 0\r\nEND\r\n");
  REQUIRE(both.Ask({0x10, "", "detail off"}) == ReplyBytes({.opcode = 0x10}));
  REQUIRE(both.Ask({0x10, "", "detail"}) == NotFound(0x10));
  both.server.context().dump_enabled = false;
  REQUIRE(both.Ask({0x10, "", "detail dump"}) == NotFound(0x10));
}

TEST_CASE("A flush that is switched off is refused") {
  Pair both;
  both.text.Send("set k 0 0 1\r\nv\r\n");
  both.server.context().flush_enabled = false;
  REQUIRE(both.Ask({0x08}) == Refusal(0x08, 0x20, "Auth failure."));
  REQUIRE(both.Ask({0x18}) == Refusal(0x18, 0x20, "Auth failure."));
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "v") + "END\r\n");
}

TEST_CASE("Without authentication its opcodes are unknown") {
  Pair both;
  REQUIRE(both.Ask({0x20}) == Refusal(0x20, kUnknown, "Unknown command"));
  REQUIRE(both.Ask({0x21, "", "PLAIN", std::string("\0u\0p", 4)}) ==
          Refusal(0x21, kUnknown, "Unknown command"));
  REQUIRE(both.Ask({0x22, "", "PLAIN", std::string(100'000, 't')}) ==
          Refusal(0x22, kUnknown, "Unknown command"));
  REQUIRE(both.Ask({0x0a}) == ReplyBytes({.opcode = 0x0a}));
}

TEST_CASE("An unknown opcode is refused and skipped, whatever its packet holds") {
  Pair both;
  const std::string request = RequestBytes({0x1b, Big(1, 4)}) +
                              RequestBytes({0x42, "ext", "key", std::string(50'000, 'v')}) +
                              RequestBytes({0x0a});
  const std::string replies = Refusal(0x1b, kUnknown, "Unknown command") +
                              Refusal(0x42, kUnknown, "Unknown command") +
                              ReplyBytes({.opcode = 0x0a});
  for (const size_t fragment_bytes : std::vector<size_t>{1, 7, 4096, request.size()}) {
    CAPTURE(fragment_bytes);
    REQUIRE(both.binary.SendCut(request, fragment_bytes) == replies);
  }
}

TEST_CASE("A misshapen packet is answered and ends the connection") {
  Server server;
  Client client(server);
  REQUIRE(client.Send(RequestBytes({0x0a}) + RequestBytes({0x00}) + RequestBytes({0x0a})) ==
          ReplyBytes({.opcode = 0x0a}) + Refusal(0x00, kInvalid, "Invalid arguments"));
  REQUIRE(client.closed());
}

TEST_CASE("A value over the item limit is refused, and a set takes the old one with it") {
  Pair both;
  const std::string refused = Refusal(0x01, kTooLarge, "Too large.");
  const std::string request =
      RequestBytes({0x01, StoreExtras(0), "k", std::string(1'100'000, 'v')}) + RequestBytes({0x0a});
  both.text.Send("set k 0 0 3\r\nold\r\n");
  const std::string extras = StoreExtras(0);
  REQUIRE(both.Ask({0x02, extras, "k", std::string(1'100'000, 'v')}) ==
          Refusal(0x02, kTooLarge, "Too large."));
  REQUIRE(both.text.Send("get k\r\n") == ValueBlock("k", "old") + "END\r\n");
  for (const size_t fragment_bytes : std::vector<size_t>{4096, request.size()}) {
    REQUIRE(both.binary.SendCut(request, fragment_bytes) == refused + ReplyBytes({.opcode = 0x0a}));
  }
  REQUIRE(both.text.Send("get k\r\n") == "END\r\n");
  REQUIRE(both.binary.session().idle());
}

TEST_CASE("A key that text could not carry stands in base64 in replies in text") {
  using namespace std::string_literals;
  Pair both;
  both.Ask({0x01, StoreExtras(0), "a b\r\n"s, "v"});
  REQUIRE(both.text.Send("mg YSBiDQo= b v k\r\n") == "VA 1 kYSBiDQo= b\r\nv\r\n");
  both.Ask({0x05, CountExtras(1, 1, 0), "a\0b"s});
  REQUIRE(both.text.Send("mg YQBi b v k\r\n") == "VA 1 kYQBi b\r\n1\r\n");
  both.Ask({0x01, StoreExtras(0), "plain", "v"});
  REQUIRE(both.text.Send("mg plain v k\r\n") == "VA 1 kplain\r\nv\r\n");
}

TEST_CASE("A connection keeps to what it began with") {
  Server server;
  Client binary(server);
  binary.Send(RequestBytes({0x0a}));
  REQUIRE(binary.Send("version\r\nversion\r\nversion\r\n").empty());
  REQUIRE(binary.closed());
  Client text(server);
  text.Send("version\r\n");
  REQUIRE(text.Send(RequestBytes({0x0b}) + "\n") == "ERROR\r\n");
}

TEST_CASE("A listener for text or for binary alone takes nothing else") {
  Server server;
  server.context().accepted_forms = protocol::AcceptedForms::kBinaryOnly;
  Client binary(server);
  REQUIRE(binary.Send(RequestBytes({0x0a})) == ReplyBytes({.opcode = 0x0a}));
  Client text(server);
  REQUIRE(text.Send("version\r\nversion\r\nver").empty());
  REQUIRE_FALSE(text.closed());
  REQUIRE(text.Send("sion").empty());
  REQUIRE(text.closed());

  server.context().accepted_forms = protocol::AcceptedForms::kTextOnly;
  Client mistaken(server);
  REQUIRE(mistaken.Send(RequestBytes({0x0b}) + "\r\n") == "ERROR\r\n");
}

}  // namespace
}  // namespace quarry::command
