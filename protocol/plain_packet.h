#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/big_endian.h"
#include "protocol/binary_command_table.h"
#include "protocol/binary_parser.h"
#include "protocol/plain_request.h"

namespace quarry::protocol {

/// Client flags and expiry.
inline constexpr size_t kPlainSetExtrasBytes = 8;

/// The packets that come most often: retrievals, and sets without a CAS of keys that text can carry
/// as well. Fills `request` from one that begins at `begin` and returns its end; null for anything
/// else, which gets the general parser. That leaves the same requests for these.
inline const char* ParsePlainPacket(const char* begin, const char* end, PlainRequest& request) {
  if (end - begin < ptrdiff_t{kPacketHeaderBytes} || LoadBig<uint8_t>(begin) != kRequestMagic) {
    return nullptr;
  }
  const auto opcode = static_cast<Opcode>(LoadBig<uint8_t>(begin + 1));
  const size_t key_bytes = LoadBig<uint16_t>(begin + 2);
  const size_t extras_bytes = LoadBig<uint8_t>(begin + 4);
  const size_t body_bytes = LoadBig<uint32_t>(begin + 8);
  const size_t head_bytes = extras_bytes + key_bytes;
  const char* const extras = begin + kPacketHeaderBytes;
  if (key_bytes == 0 || key_bytes > kMaxKeyBytes ||
      static_cast<size_t>(end - extras) < body_bytes) {
    return nullptr;
  }
  request.key = {extras + extras_bytes, key_bytes};
  switch (opcode) {
    case Opcode::kGet:
    case Opcode::kGetQ:
    case Opcode::kGetK:
    case Opcode::kGetKQ:
      if (extras_bytes != 0 || body_bytes != key_bytes) {
        return nullptr;
      }
      request.kind = PlainRequest::Kind::kPacketGet;
      request.want_key = opcode == Opcode::kGetK || opcode == Opcode::kGetKQ;
      request.quiet = opcode == Opcode::kGetQ || opcode == Opcode::kGetKQ;
      break;
    case Opcode::kSet:
    case Opcode::kSetQ:
      // The item of a key that no line of text can carry is marked.
      if (extras_bytes != kPlainSetExtrasBytes || body_bytes < head_bytes ||
          LoadBig<uint64_t>(begin + 16) != 0 ||
          FindPlainKeyEnd(request.key.data(), request.key.data() + key_bytes) !=
              request.key.data() + key_bytes) {
        return nullptr;
      }
      request.kind = PlainRequest::Kind::kPacketSet;
      request.want_key = false;
      request.quiet = opcode == Opcode::kSetQ;
      request.client_flags = LoadBig<uint32_t>(extras);
      request.exptime = LoadBig<uint32_t>(extras + 4);
      request.value = {extras + head_bytes, body_bytes - head_bytes};
      break;
    default:
      return nullptr;
  }
  return extras + body_bytes;
}

/// The packet that `request` was parsed from.
inline std::string_view PacketOf(const PlainRequest& request) {
  const bool is_set = request.is_set();
  const size_t before_key_bytes = kPacketHeaderBytes + (is_set ? kPlainSetExtrasBytes : 0);
  return {request.key.data() - before_key_bytes,
          before_key_bytes + request.key.size() + (is_set ? request.value.size() : 0)};
}

}  // namespace quarry::protocol
