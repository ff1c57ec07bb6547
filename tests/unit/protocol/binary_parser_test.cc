#include "protocol/binary_parser.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/parser.h"
#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/protocol/conversation.h"

namespace quarry::protocol {
namespace {

using Requests = std::vector<std::string>;

const std::string kUnknown = "binary error ERROR";
const std::string kBadShape = "binary error CLIENT_ERROR bad command line format";

Requests ParsePackets(const std::string& bytes, size_t fragment_bytes = SIZE_MAX) {
  return Parse(bytes, fragment_bytes, WireForm::kBinary);
}

/// One packet in words.
std::string ParsePacket(const Packet& packet) {
  const Requests requests = ParsePackets(RequestBytes(packet));
  REQUIRE(requests.size() == 1);
  return requests.front();
}

TEST_CASE("Every opcode becomes the canonical request that text becomes") {
  const std::string store = StoreExtras(7, 60);
  const std::string count = CountExtras(5, 9, 60);
  const std::string expiry = Big(60, 4);
  const std::vector<std::pair<Packet, std::string>> cases = {
      {{0x00, "", "k"}, "binary get value key='k'"},
      {{0x09, "", "k"}, "binary get quiet value key='k'"},
      {{0x0c, "", "k"}, "binary get value key key='k'"},
      {{0x0d, "", "k"}, "binary get quiet value key key='k'"},
      {{0x1d, expiry, "k"}, "binary get value touch key='k' exptime=60"},
      {{0x1e, expiry, "k"}, "binary get quiet value touch key='k' exptime=60"},
      {{0x23, expiry, "k"}, "binary get value key touch key='k' exptime=60"},
      {{0x24, expiry, "k"}, "binary get quiet value key touch key='k' exptime=60"},
      {{0x1c, expiry, "k"}, "binary touch touch key='k' exptime=60"},
      {{0x01, store, "k", "v"}, "binary store key='k' exptime=60 client_flags=7 bytes=1 'v'"},
      {{0x11, store, "k"}, "binary store quiet key='k' exptime=60 client_flags=7 bytes=0 ''"},
      {{0x02, store, "k", "v"}, "binary store add key='k' exptime=60 client_flags=7 bytes=1 'v'"},
      {{0x12, store, "k", "v"},
       "binary store add quiet key='k' exptime=60 client_flags=7 bytes=1 'v'"},
      {{0x03, store, "k", "v"},
       "binary store replace key='k' exptime=60 client_flags=7 bytes=1 'v'"},
      {{0x13, store, "k", "v"},
       "binary store replace quiet key='k' exptime=60 client_flags=7 bytes=1 'v'"},
      {{0x0e, "", "k", "v"}, "binary store append key='k' bytes=1 'v'"},
      {{0x19, "", "k", "v"}, "binary store append quiet key='k' bytes=1 'v'"},
      {{0x0f, "", "k", "v"}, "binary store prepend key='k' bytes=1 'v'"},
      {{0x1a, "", "k", "v"}, "binary store prepend quiet key='k' bytes=1 'v'"},
      {{0x04, "", "k"}, "binary delete key='k'"},
      {{0x14, "", "k"}, "binary delete quiet key='k'"},
      {{0x05, count, "k"},
       "binary arithmetic value vivify key='k' vivify_exptime=60 delta=5 initial=9"},
      {{0x15, count, "k"},
       "binary arithmetic quiet value vivify key='k' vivify_exptime=60 delta=5 initial=9"},
      {{0x06, count, "k"},
       "binary arithmetic value vivify decrement key='k' vivify_exptime=60 delta=5 initial=9"},
      {{0x16, count, "k"},
       "binary arithmetic quiet value vivify decrement key='k' vivify_exptime=60 delta=5 "
       "initial=9"},
      {{0x08}, "binary flush_all"},
      {{0x08, expiry}, "binary flush_all exptime=60"},
      {{0x18, expiry}, "binary flush_all quiet exptime=60"},
      {{0x0a}, "binary noop"},
      {{0x0b}, "binary version"},
      {{0x07}, "binary quit"},
      {{0x17}, "binary quit quiet"},
      {{0x10}, "binary stats"},
      {{0x10, "", "settings"}, "binary stats arguments='settings'"},
      {{0x20}, "binary sasl bytes=0 ''"},
      {{0x21, "", "PLAIN", "token"}, "binary sasl arguments='PLAIN' bytes=5 'token'"},
      {{0x22, "", "PLAIN", "token"}, "binary sasl arguments='PLAIN' bytes=5 'token'"},
  };
  for (const auto& [packet, words] : cases) {
    CAPTURE(int{packet.opcode});
    REQUIRE(ParsePacket(packet) == words);
  }
}

TEST_CASE("Opcode and opaque are kept for the reply") {
  const std::string bytes = RequestBytes(
      {.opcode = 0x11, .extras = StoreExtras(0), .key = "k", .value = "v", .opaque = 0xdeadbeef});
  Request request;
  REQUIRE(ParseBinary(bytes, request).consumed == bytes.size());
  REQUIRE(request.opcode == 0x11);
  REQUIRE(request.opaque == 0xdeadbeef);
}

TEST_CASE("A CAS makes a change conditional, and an add or replace plain") {
  for (const uint8_t opcode : std::vector<uint8_t>{0x01, 0x02, 0x03}) {
    REQUIRE(ParsePacket({opcode, StoreExtras(0), "k", "v", 0, 77}) ==
            "binary store compare key='k' cas=77 bytes=1 'v'");
  }
  REQUIRE(ParsePacket({0x0e, "", "k", "v", 0, 77}) ==
          "binary store append compare key='k' cas=77 bytes=1 'v'");
  REQUIRE(ParsePacket({0x04, "", "k", "", 0, 77}) == "binary delete compare key='k' cas=77");
  REQUIRE(ParsePacket({0x05, CountExtras(1, 0, 0), "k", "", 0, 77}) ==
          "binary arithmetic value vivify compare key='k' cas=77");
  REQUIRE(ParsePacket({0x00, "", "k", "", 0, 77}) == "binary get value key='k'");
}

TEST_CASE("An expiry is unsigned, and all ones keep incr from creating") {
  REQUIRE(ParsePacket({0x01, StoreExtras(0, 0xffffffff), "k"}) ==
          "binary store key='k' exptime=4294967295 bytes=0 ''");
  REQUIRE(ParsePacket({0x05, CountExtras(1, 5, 0xffffffff), "k"}) ==
          "binary arithmetic value key='k' vivify_exptime=4294967295 initial=5");
}

TEST_CASE("A key may hold any byte; one that text could not carry is marked") {
  using namespace std::string_literals;
  for (const std::string& key : {"a b"s, "a\0b"s, "\r\n"s, "\n"s}) {
    REQUIRE(ParsePacket({0x00, "", key}) == "binary get value raw key='" + key + "'");
  }
  REQUIRE(ParsePacket({0x00, "", "\t\xff\x80"}) == "binary get value key='\t\xff\x80'");
  REQUIRE(ParsePacket({0x00, "", std::string(250, 'k')}) ==
          "binary get value key='" + std::string(250, 'k') + "'");
}

TEST_CASE("Packets are the same requests at every fragment size") {
  const std::string bytes =
      RequestBytes({0x11, StoreExtras(1, 2), "key", "value of some length"}) +
      RequestBytes({0x0d, "", "key"}) + RequestBytes({0x5f, "ext", "key", "value"}) +
      RequestBytes({0x05, CountExtras(1, 2, 3), "n"}) +
      RequestBytes({0x21, "", "PLAIN", std::string("\0u\0p", 4)}) + RequestBytes({0x0a});
  const Requests whole = ParsePackets(bytes);
  REQUIRE(whole.size() == 6);
  REQUIRE(whole[2] == kUnknown);
  for (size_t fragment_bytes = 1; fragment_bytes <= bytes.size(); ++fragment_bytes) {
    CAPTURE(fragment_bytes);
    REQUIRE(ParsePackets(bytes, fragment_bytes) == whole);
  }
}

TEST_CASE("An unknown opcode is swallowed to the end of its packet") {
  for (const uint8_t opcode : std::vector<uint8_t>{0x1b, 0x1f, 0x25, 0x30, 0x3c, 0x80, 0xff}) {
    CAPTURE(int{opcode});
    REQUIRE(ParsePackets(RequestBytes({opcode, "extras", "key", "value"}) + RequestBytes({0x0a})) ==
            Requests{kUnknown, "binary noop"});
  }
}

TEST_CASE("A packet without the shape of its opcode is the last of the connection") {
  const std::string expiry = Big(0, 4);
  const std::string store = StoreExtras(0);
  const std::string count = CountExtras(1, 0, 0);
  const std::vector<Packet> misshapen = {
      {0x00, "", ""},            // a key is wanted
      {0x00, expiry, "k"},       // no extras
      {0x00, "", "k", "v"},      // no value
      {0x01, "", "k", "v"},      // eight bytes of extras
      {0x01, expiry, "k", "v"},  // not four
      {0x01, store, "", "v"},
      {0x0e, store, "k", "v"},
      {0x04, "", "k", "v"},
      {0x04, "", ""},
      {0x05, store, "k"},
      {0x05, count, ""},
      {0x05, count, "k", "v"},
      {0x07, "", "k"},
      {0x07, "", "", "v"},
      {0x08, store},
      {0x08, expiry, "k"},
      {0x0a, "", "k"},
      {0x0a, "", "", "v"},
      {0x0b, "", "", "v"},
      {0x10, "", "settings", "v"},
      {0x10, expiry},
      {0x1c, "", "k"},
      {0x1c, expiry, ""},
      {0x1d, "", "k"},
      {0x1d, expiry, "k", "v"},
      {0x20, "", "PLAIN"},
      {0x21, "", "", "token"},
      {0x00, "", std::string(251, 'k')},
      {0x01, store, std::string(251, 'k'), "v"},
      {0x10, "", std::string(251, 'k')},
  };
  for (const Packet& packet : misshapen) {
    CAPTURE(int{packet.opcode}, packet.extras.size(), packet.key.size(), packet.value.size());
    const std::string bytes = RequestBytes(packet) + RequestBytes({0x0a});
    REQUIRE(ParsePackets(bytes) == Requests{kBadShape, "closed"});
    REQUIRE(ParsePackets(bytes, 1) == Requests{kBadShape, "closed"});
  }
}

/// A packet whose header claims other lengths than it has.
std::string Claiming(uint8_t opcode, uint16_t key_bytes, uint8_t extras_bytes,
                     uint32_t body_bytes) {
  std::string bytes = RequestBytes({.opcode = opcode});
  return bytes.replace(2, 3, Big(key_bytes, 2) + Big(extras_bytes, 1))
      .replace(8, 4, Big(body_bytes, 4));
}

TEST_CASE("Lengths that do not add up are the last of the connection") {
  REQUIRE(ParsePackets(Claiming(0x00, 2, 0, 1)) == Requests{kUnknown, "closed"});
  REQUIRE(ParsePackets(Claiming(0x01, 1, 8, 8)) == Requests{kUnknown, "closed"});
  REQUIRE(ParsePackets(Claiming(0x5f, 65535, 255, 65535)) == Requests{kUnknown, "closed"});
}

TEST_CASE("A body of more than a gibibyte is refused at once, one of a gibibyte is awaited") {
  constexpr uint32_t kGibibyte = 1U << 30;
  REQUIRE(ParsePackets(Claiming(0x01, 1, 8, kGibibyte + 1)) == Requests{kBadShape, "closed"});
  REQUIRE(ParsePackets(Claiming(0x5f, 1, 8, 0xffffffff)) == Requests{kBadShape, "closed"});
  REQUIRE(ParsePackets(Claiming(0x01, 1, 8, kGibibyte)).empty());
}

TEST_CASE("Another magic closes the connection once its header is there") {
  const std::string packet = RequestBytes({0x0a});
  for (const char magic : {'\x81', '\x82', 'g', '\0'}) {
    std::string other = packet;
    other.front() = magic;
    REQUIRE(ParsePackets(packet + other) == Requests{"binary noop", "closed"});
    REQUIRE(ParsePackets(packet + other.substr(0, 23)) == Requests{"binary noop"});
  }
}

TEST_CASE("Data type and vbucket say nothing") {
  std::string packet = RequestBytes({0x0a});
  packet.replace(5, 3, "\x01\x02\x03");
  REQUIRE(ParsePackets(packet) == Requests{"binary noop"});
}

TEST_CASE("The value of a store need not be there, its key must be") {
  const std::string bytes = RequestBytes({0x01, StoreExtras(0), "key", "value"});
  Request request;
  const ParseResult waiting = ParseBinary(bytes.substr(0, 34), request);
  REQUIRE(waiting.status == ParseStatus::kNeedMore);
  REQUIRE(waiting.consumed == 0);
  const ParseResult headless = ParseBinary(bytes.substr(0, 35), request);
  REQUIRE(headless.status == ParseStatus::kNeedBody);
  REQUIRE(headless.consumed == 35);
  REQUIRE(request.value_bytes == 5);
}

TEST_CASE("A token that is too long to be one is not collected") {
  const Packet longest = {0x21, "", "PLAIN", std::string(kMaxSaslTokenBytes, 't')};
  REQUIRE(ParsePacket(longest).ends_with("bytes=8192 '" + longest.value + "'"));
  const Packet longer = {0x21, "", "PLAIN", longest.value + 't'};
  REQUIRE(ParsePackets(RequestBytes(longer) + RequestBytes({0x0a})) ==
          Requests{"binary sasl arguments='PLAIN' bytes=8193 ''", "binary noop"});
}

TEST_CASE("The first byte tells what a connection speaks, as far as its listener lets it") {
  using Form = std::optional<WireForm>;
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const char first = static_cast<char>(byte);
    Form both = WireForm::kText;
    if (byte == 0x80) {
      both = WireForm::kBinary;
    } else if (byte == 0x81 || byte == 0x82) {
      both = std::nullopt;
    }
    REQUIRE(WireFormOf(AcceptedForms::kBoth, first) == both);
    REQUIRE(WireFormOf(AcceptedForms::kTextOnly, first) == WireForm::kText);
    REQUIRE(WireFormOf(AcceptedForms::kBinaryOnly, first) == WireForm::kBinary);
  }
}

TEST_CASE("Plain packets are what the general parser makes of them, and no others are taken") {
  const std::string longest(kMaxKeyBytes, 'k');
  const std::string store = StoreExtras(7, 60);
  const std::string raw_key("a \r\n\0b", 6);
  for (const auto& [packet, is_plain] : std::initializer_list<std::pair<Packet, bool>>{
           {{0x00, "", "k"}, true},
           {{0x09, "", longest}, true},
           {{0x0c, "", raw_key, "", 77}, true},
           {{0x0d, "", "k", "", UINT32_MAX, 5}, true},
           {{0x00, "", ""}, false},
           {{0x00, "", longest + "k"}, false},
           {{0x00, "", "k", "v"}, false},
           {{0x00, "1234", "k"}, false},
           {{0x0a}, false},
           {{0x1d, Big(60, 4), "k"}, false},
           {{0x01, store, "k", "value"}, true},
           {{0x11, store, longest, "", 3}, true},
           {{0x01, StoreExtras(UINT32_MAX, UINT32_MAX), "k", "v"}, true},
           {{0x01, store, raw_key, "value"}, false},
           {{0x01, store, longest.substr(1) + " ", "value"}, false},
           {{0x01, store, "k", "value", 0, 1}, false},
           {{0x01, store, "", "value"}, false},
           {{0x01, "1234", "k", "value"}, false},
           {{0x01, "", "k", "value"}, false},
           {{0x02, store, "k", "value"}, false},
           {{0x81, store, "k", "value"}, false},
       }) {
    const std::string bytes = RequestBytes(packet);
    CAPTURE(bytes);
    PlainRequest request;
    REQUIRE(ParsePlain(WireForm::kBinary, bytes, request) == (is_plain ? bytes.size() : 0));
    ParsePackets(bytes);  // compares the two
    std::string reply = bytes;
    reply.front() = '\x81';
    REQUIRE(ParsePlain(WireForm::kBinary, reply, request) == 0);
  }
}

TEST_CASE("A plain packet that is cut anywhere is none, nor one whose lengths do not add up") {
  for (const Packet& packet :
       {Packet{0x00, "", "key"}, Packet{0x01, StoreExtras(7), "key", "value"}}) {
    const std::string bytes = RequestBytes(packet);
    PlainRequest request;
    for (size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(bytes, size);
      REQUIRE(ParsePlain(WireForm::kBinary, bytes.substr(0, size), request) == 0);
    }
    std::string short_body = bytes;
    short_body[11] = 2;
    REQUIRE(ParsePlain(WireForm::kBinary, short_body, request) == 0);
    std::string huge_body = bytes;
    huge_body[8] = '\xff';
    REQUIRE(ParsePlain(WireForm::kBinary, huge_body, request) == 0);
  }
}

}  // namespace
}  // namespace quarry::protocol
