#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/big_endian.h"

namespace quarry::protocol {

// The first byte of a packet.
inline constexpr uint8_t kRequestMagic = 0x80;
inline constexpr uint8_t kReplyMagic = 0x81;

/// A packet is this header, then its body: extras, key and value, in this order.
///
///      0        1        2           4        5        6        8       12       16      24
///     | magic  | opcode | key bytes | extras | unused | status |  body | opaque |  CAS  |
///                                     bytes                      bytes
inline constexpr size_t kPacketHeaderBytes = 24;

/// The fields of a request's header that there is a use for.
struct PacketHeader {
  uint8_t magic;
  uint8_t opcode;
  uint16_t key_bytes;
  uint8_t extras_bytes;
  uint32_t body_bytes;
  uint32_t opaque;
  uint64_t cas;

  /// Of what comes before the value.
  size_t head_bytes() const { return kPacketHeaderBytes + extras_bytes + key_bytes; }
  bool adds_up() const { return uint32_t{extras_bytes} + key_bytes <= body_bytes; }
  uint32_t value_bytes() const { return body_bytes - extras_bytes - key_bytes; }
};

/// From kPacketHeaderBytes bytes at `from`.
inline PacketHeader ReadPacketHeader(const char* from) {
  return {.magic = LoadBig<uint8_t>(from),
          .opcode = LoadBig<uint8_t>(from + 1),
          .key_bytes = LoadBig<uint16_t>(from + 2),
          .extras_bytes = LoadBig<uint8_t>(from + 4),
          .body_bytes = LoadBig<uint32_t>(from + 8),
          .opaque = LoadBig<uint32_t>(from + 12),
          .cas = LoadBig<uint64_t>(from + 16)};
}

/// What a store's extras say.
struct SetExtras {
  static constexpr uint8_t kBytes = 8;

  uint32_t client_flags;
  uint32_t exptime;
};

/// From SetExtras::kBytes bytes at `from`.
inline SetExtras ReadSetExtras(const char* from) {
  return {.client_flags = LoadBig<uint32_t>(from), .exptime = LoadBig<uint32_t>(from + 4)};
}

}  // namespace quarry::protocol
