#include "tests/bench/binary_reply_parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/bench/binary_packet.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

using binary::Opcode;
using binary::Status;

std::string Packet(Opcode opcode, Status status, const std::string& extras, const std::string& key,
                   const std::string& value) {
  std::array<char, binary::kHeaderBytes> header{};
  binary::WriteHeader(header.data(), binary::kReplyMagic, opcode, extras.size(), key.size(),
                      value.size());
  binary::WriteBigEndian(header.data() + binary::kStatusAt, static_cast<uint16_t>(status));
  return std::string(header.data(), header.size()) + extras + key + value;
}

/// The events as text; stretches of one value are joined.
std::vector<std::string> ParseInPieces(std::string_view input, size_t piece_bytes) {
  BinaryReplyParser parser;
  std::vector<std::string> events;
  for (; !input.empty(); input.remove_prefix(std::min(piece_bytes, input.size()))) {
    std::string_view piece = input.substr(0, piece_bytes);
    for (;;) {
      const Reply reply = parser.Next(&piece);
      if (reply.kind == ReplyKind::kIncomplete) {
        break;
      }
      if (reply.kind == ReplyKind::kValueBytes && events.back().starts_with("bytes ")) {
        events.back() += reply.text;
        continue;
      }
      switch (reply.kind) {
        case ReplyKind::kValueHead:
          events.push_back("head " + std::string(reply.text) + " " +
                           std::to_string(reply.value_bytes));
          break;
        case ReplyKind::kValueBytes:
          events.push_back("bytes " + std::string(reply.text));
          break;
        case ReplyKind::kValueEnd:
          events.emplace_back("end");
          break;
        case ReplyKind::kStored:
          events.emplace_back("stored");
          break;
        case ReplyKind::kNotStored:
          events.emplace_back("not stored");
          break;
        case ReplyKind::kMiss:
          events.emplace_back("miss");
          break;
        case ReplyKind::kNoop:
          events.emplace_back("noop");
          break;
        case ReplyKind::kErrorLine:
          events.push_back("error " + std::string(reply.text));
          break;
        default:
          events.push_back("unknown " + std::string(reply.text));
          break;
      }
    }
  }
  return events;
}

TEST_CASE("Packets tell the same events however they are cut") {
  const std::string flags(binary::kValueExtrasBytes, '\0');
  const std::string input = Packet(Opcode::kGetKQ, Status::kSuccess, flags, "name", "a value") +
                            Packet(Opcode::kGetK, Status::kSuccess, flags, "empty", "") +
                            Packet(Opcode::kGetK, Status::kNotFound, "", "", "Not found") +
                            Packet(Opcode::kSet, Status::kSuccess, "", "", "") +
                            Packet(Opcode::kSet, Status::kNotFound, "", "", "") +
                            Packet(Opcode::kSet, Status::kExists, "", "", "") +
                            Packet(Opcode::kSet, static_cast<Status>(0x82), "", "", "No memory") +
                            Packet(Opcode::kNoop, Status::kSuccess, "", "", "");
  const std::vector<std::string> expected = {
      "head name 7", "bytes a value", "end",        "head empty 0",    "end", "miss",
      "stored",      "not stored",    "not stored", "error No memory", "noop"};
  for (size_t piece_bytes = 1; piece_bytes <= input.size(); ++piece_bytes) {
    REQUIRE(ParseInPieces(input, piece_bytes) == expected);
  }
}

TEST_CASE("What is no reply to these commands is unknown") {
  std::string no_reply = Packet(Opcode::kNoop, Status::kSuccess, "", "", "");
  no_reply[0] = binary::kRequestMagic;
  CHECK(ParseInPieces(no_reply, 100).front() == "unknown no reply packet");
  const std::string other = Packet(static_cast<Opcode>(0x10), Status::kSuccess, "", "", "");
  CHECK(ParseInPieces(other, 100).front() == "unknown reply to another command");
  std::string short_body = Packet(Opcode::kGetK, Status::kSuccess, "", "key", "");
  binary::WriteBigEndian(short_body.data() + binary::kBodyBytesAt, uint32_t{2});
  CHECK(ParseInPieces(short_body, 100).front() == "unknown packet shorter than its parts");
}

}  // namespace
}  // namespace quarry::bench
