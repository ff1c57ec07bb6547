#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/binary_status.h"
#include "protocol/packet_header.h"
#include "protocol/plain_packet.h"
#include "protocol/plain_request.h"
#include "protocol/request.h"

namespace quarry::protocol {

/// Encoders of reply packets. Those that write at `out` find there the room that they name, and
/// return the end of what they wrote; none of them allocates, blocks or fails, so that they may run
/// under a shard's lock.

/// What a reply repeats of its request.
struct PacketEcho {
  uint8_t opcode = 0;
  uint32_t opaque = 0;
  std::string_view key = {};  ///< empty unless the request wants it back
};

inline PacketEcho EchoOf(const Request& request) {
  return {request.opcode, request.opaque, request.want_key ? request.key : std::string_view()};
}
inline PacketEcho EchoOf(const PlainRequest& request) {
  const PacketHeader header = ReadPacketHeader(PacketOf(request).data());
  return {header.opcode, header.opaque, request.want_key ? request.key : std::string_view()};
}

/// Room for any packet but the value of WriteItemHead.
inline constexpr size_t kPacketRoom = kPacketHeaderBytes + sizeof(uint32_t) + kMaxKeyBytes;

/// What an item's replies tell of it.
struct PacketItem {
  uint64_t value_bytes = 0;
  uint32_t client_flags = 0;
  uint64_t cas = 0;
};

/// The reply to a hit, but for the value, which follows: extras are the client flags, and the key
/// is there if the request wants it. Room: kPacketRoom.
char* WriteItemHead(char* out, const PacketEcho& echo, const PacketItem& item);

/// An outcome without data, and the words for it if it is none to be glad of. Where the key was
/// wanted and nothing was found, the key stands in place of the words. Room: kPacketRoom.
char* WriteStatusPacket(char* out, const PacketEcho& echo, BinaryStatus status, uint64_t cas);

/// Room: kPacketRoom.
char* WriteErrorPacket(char* out, const PacketEcho& echo, Error error);

/// The new number of incr and decr. Room: kPacketRoom.
char* WriteNumberPacket(char* out, const PacketEcho& echo, uint64_t number, uint64_t cas);

/// A success with a text of at most kMaxKeyBytes bytes as its value. Room: kPacketRoom.
char* WriteTextPacket(char* out, const PacketEcho& echo, std::string_view text);

/// Appends one line of stats: its name is at most kMaxKeyBytes long.
void AppendStatPacket(std::string& out, const PacketEcho& echo, std::string_view name,
                      std::string_view value);

/// Appends the empty packet that ends stats.
void AppendEndOfStats(std::string& out, const PacketEcho& echo);

}  // namespace quarry::protocol
