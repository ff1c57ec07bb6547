#pragma once

#include <cstddef>
#include <string_view>

#include "protocol/binary_command_table.h"
#include "protocol/packet_header.h"
#include "protocol/plain_request.h"

namespace quarry::protocol {

/// The packets that come most often: retrievals, and sets without a CAS of keys that text can carry
/// as well. Fills `request` from one that begins at `begin` and returns its end; null for anything
/// else, which gets the general parser. That leaves the same requests for these.
inline const char* ParsePlainPacket(const char* begin, const char* end, PlainRequest& request) {
  if (end - begin < ptrdiff_t{kPacketHeaderBytes}) {
    return nullptr;
  }
  const PacketHeader header = ReadPacketHeader(begin);
  const char* const extras = begin + kPacketHeaderBytes;
  if (header.magic != kRequestMagic || header.key_bytes == 0 || header.key_bytes > kMaxKeyBytes ||
      !header.adds_up() || static_cast<size_t>(end - extras) < header.body_bytes) {
    return nullptr;
  }
  const char* const key = extras + header.extras_bytes;
  const char* const value = key + header.key_bytes;
  const auto opcode = static_cast<Opcode>(header.opcode);
  switch (opcode) {
    case Opcode::kGet:
    case Opcode::kGetQ:
    case Opcode::kGetK:
    case Opcode::kGetKQ:
      if (header.extras_bytes != 0 || header.value_bytes() != 0) {
        return nullptr;
      }
      request.kind = PlainRequest::Kind::kPacketGet;
      request.want_key = opcode == Opcode::kGetK || opcode == Opcode::kGetKQ;
      request.quiet = opcode == Opcode::kGetQ || opcode == Opcode::kGetKQ;
      break;
    case Opcode::kSet:
    case Opcode::kSetQ: {
      // The item of a key that no line of text can carry is marked.
      if (header.extras_bytes != SetExtras::kBytes || header.cas != 0 ||
          FindPlainKeyEnd(key, value) != value) {
        return nullptr;
      }
      const SetExtras store = ReadSetExtras(extras);
      request.kind = PlainRequest::Kind::kPacketSet;
      request.want_key = false;
      request.quiet = opcode == Opcode::kSetQ;
      request.client_flags = store.client_flags;
      request.exptime = store.exptime;
      request.value = {value, header.value_bytes()};
      break;
    }
    default:
      return nullptr;
  }
  request.key = {key, header.key_bytes};
  return extras + header.body_bytes;
}

/// The packet that `request` was parsed from.
inline std::string_view PacketOf(const PlainRequest& request) {
  const bool is_set = request.is_set();
  const size_t before_key_bytes = kPacketHeaderBytes + (is_set ? SetExtras::kBytes : 0);
  return {request.key.data() - before_key_bytes,
          before_key_bytes + request.key.size() + (is_set ? request.value.size() : 0)};
}

}  // namespace quarry::protocol
