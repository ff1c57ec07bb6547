#include "protocol/binary_reply.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/packet.h"

namespace quarry::protocol {
namespace {

/// What `write` writes into exactly the room that every packet is promised.
template <typename Write>
std::string Written(Write&& write) {
  std::array<char, kPacketRoom> room{};
  const char* end = write(room.data());
  REQUIRE(end <= room.data() + room.size());
  return {room.data(), static_cast<size_t>(end - room.data())};
}

PacketEcho Echo(uint8_t opcode, std::string_view key = {}, bool want_key = false) {
  return EchoOf(Request{.dialect = Dialect::kBinary,
                        .opcode = opcode,
                        .want_key = want_key,
                        .key = key,
                        .opaque = 0x01020304});
}

TEST_CASE("A header is twenty-four bytes in network order") {
  const std::string bytes = Written([](char* out) {
    return WriteStatusPacket(out, Echo(0x11), BinaryStatus::kOk, 0x1122334455667788);
  });
  REQUIRE(bytes == std::string("\x81\x11\0\0\0\0\0\0\0\0\0\0\x01\x02\x03\x04"
                               "\x11\x22\x33\x44\x55\x66\x77\x88",
                               24));
}

TEST_CASE("A hit shows flags and CAS, and the key where it is wanted") {
  const PacketItem item = {.value_bytes = 5, .client_flags = 0xcafe, .cas = 9};
  const std::string key(250, 'k');
  const std::string plain =
      Written([&](char* out) { return WriteItemHead(out, Echo(0x00, key), item); });
  REQUIRE(plain + "value" == ReplyBytes({.opcode = 0x00,
                                         .extras = Big(0xcafe, 4),
                                         .value = "value",
                                         .opaque = 0x01020304,
                                         .cas = 9}));
  const std::string with_key =
      Written([&](char* out) { return WriteItemHead(out, Echo(0x0c, key, true), item); });
  REQUIRE(with_key + "value" == ReplyBytes({.opcode = 0x0c,
                                            .extras = Big(0xcafe, 4),
                                            .key = key,
                                            .value = "value",
                                            .opaque = 0x01020304,
                                            .cas = 9}));
}

TEST_CASE("Each status has the words that memcached's clients know") {
  const std::vector<std::pair<uint16_t, std::string>> texts = {
      {0x00, ""},
      {0x01, "Not found"},
      {0x02, "Data exists for key."},
      {0x03, "Too large."},
      {0x04, "Invalid arguments"},
      {0x05, "Not stored."},
      {0x06, "Non-numeric server-side value for incr or decr"},
      {0x20, "Auth failure."},
      {0x21, ""},
      {0x81, "Unknown command"},
      {0x82, "Out of memory"},
  };
  for (const auto& [status, text] : texts) {
    CAPTURE(status);
    const auto named = static_cast<BinaryStatus>(status);
    REQUIRE(StatusText(named) == text);
    REQUIRE(Written([&named = named](char* out) {
              return WriteStatusPacket(out, Echo(0x01, "k"), named, 0);
            }) ==
            ReplyBytes({.opcode = 0x01, .value = text, .opaque = 0x01020304, .status = status}));
  }
}

TEST_CASE("A miss that was to show its key shows nothing else") {
  REQUIRE(Written([](char* out) {
            return WriteStatusPacket(out, Echo(0x0c, "gone", true), BinaryStatus::kNotFound, 0);
          }) == ReplyBytes({.opcode = 0x0c, .key = "gone", .opaque = 0x01020304, .status = 0x01}));
}

TEST_CASE("Errors of the text protocol have a status") {
  const std::vector<std::pair<Error, uint16_t>> statuses = {
      {Error::kUnknownCommand, 0x81},
      {Error::kBadLine, 0x04},
      {Error::kNonNumeric, 0x06},
      {Error::kTooLarge, 0x03},
      {Error::kOutOfMemoryStoring, 0x82},
      {Error::kOutOfMemoryCreating, 0x82},
      {Error::kOutOfMemory, 0x82},
      {Error::kOutOfMemoryStats, 0x82},
      {Error::kInvalidExptime, 0x04},
      {Error::kFlushForbidden, 0x20},
      {Error::kNone, 0x00},
  };
  for (const auto& [error, status] : statuses) {
    CAPTURE(status);
    REQUIRE(static_cast<uint16_t>(BinaryErrorOf(error).status) == status);
    REQUIRE(BinaryErrorOf(error).text == StatusText(static_cast<BinaryStatus>(status)));
  }
}

TEST_CASE("An upload that was ended for being slow says so") {
  REQUIRE(Written([](char* out) {
            return WriteErrorPacket(out, Echo(0x01), Error::kUploadTooSlow);
          }) == ReplyBytes({.opcode = 0x01,
                            .value = "value came too slowly while others waited for memory",
                            .opaque = 0x01020304,
                            .status = 0x82}));
}

TEST_CASE("Every error fits the room of a packet") {
  for (size_t i = 0; i < kErrorCount; ++i) {
    Written([i](char* out) { return WriteErrorPacket(out, Echo(0x01), static_cast<Error>(i)); });
  }
}

TEST_CASE("Numbers and texts are values") {
  REQUIRE(
      Written(
          [](char* out) { return WriteNumberPacket(out, Echo(0x05), 0xfedcba9876543210, 3); }) ==
      ReplyBytes(
          {.opcode = 0x05, .value = Big(0xfedcba9876543210, 8), .opaque = 0x01020304, .cas = 3}));
  REQUIRE(Written([](char* out) { return WriteTextPacket(out, Echo(0x0b), "1.2.3"); }) ==
          ReplyBytes({.opcode = 0x0b, .value = "1.2.3", .opaque = 0x01020304}));
}

TEST_CASE("Stats are one packet a line, and an empty one at their end") {
  const PacketEcho echo = Echo(0x10);
  std::string out;
  AppendStatPacket(out, echo, "pid", "17");
  AppendEndOfStats(out, echo);
  REQUIRE(out == ReplyBytes({.opcode = 0x10, .key = "pid", .value = "17", .opaque = 0x01020304}) +
                     ReplyBytes({.opcode = 0x10, .opaque = 0x01020304}));
}

}  // namespace
}  // namespace quarry::protocol
