#pragma once

#include <cstdint>
#include <string>

namespace quarry {

/// A packet of the binary protocol, byte by byte as its specification has it: nothing here is the
/// code under test.
struct Packet {
  uint8_t opcode = 0;
  std::string extras = {};
  std::string key = {};
  std::string value = {};
  uint32_t opaque = 0;
  uint64_t cas = 0;
  uint16_t status = 0;  ///< of a reply
};

/// The low `byte_count` bytes of `number`, the highest first.
std::string Big(uint64_t number, int byte_count);

/// The bytes on the wire.
std::string RequestBytes(const Packet& packet);
std::string ReplyBytes(const Packet& packet);

/// The extras of set, add and replace; of incr and decr.
std::string StoreExtras(uint32_t client_flags, uint32_t exptime = 0);
std::string CountExtras(uint64_t delta, uint64_t initial, uint32_t exptime);

}  // namespace quarry
