#include "tests/support/packet.h"

#include <string_view>

namespace quarry {
namespace {

std::string Bytes(char magic, const Packet& packet) {
  std::string bytes(1, magic);
  bytes += Big(packet.opcode, 1);
  bytes += Big(packet.key.size(), 2);
  bytes += Big(packet.extras.size(), 1);
  bytes += Big(0, 1);
  bytes += Big(packet.status, 2);
  bytes += Big(packet.extras.size() + packet.key.size() + packet.value.size(), 4);
  bytes += Big(packet.opaque, 4);
  bytes += Big(packet.cas, 8);
  return bytes + packet.extras + packet.key + packet.value;
}

}  // namespace

std::string Big(uint64_t number, int byte_count) {
  std::string bytes;
  for (int i = byte_count - 1; i >= 0; --i) {
    bytes += static_cast<char>(number >> (8 * i));
  }
  return bytes;
}

std::string RequestBytes(const Packet& packet) {
  return Bytes('\x80', packet);
}

std::string ReplyBytes(const Packet& packet) {
  return Bytes('\x81', packet);
}

std::string StoreExtras(uint32_t client_flags, uint32_t exptime) {
  return Big(client_flags, 4) + Big(exptime, 4);
}

std::string CountExtras(uint64_t delta, uint64_t initial, uint32_t exptime) {
  return Big(delta, 8) + Big(initial, 8) + Big(exptime, 4);
}

}  // namespace quarry
