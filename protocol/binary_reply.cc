#include "protocol/binary_reply.h"

#include <array>

#include "core/base/check.h"
#include "protocol/big_endian.h"

namespace quarry::protocol {
namespace {

/// What a reply's header tells beyond its request.
struct ReplyHeader {
  BinaryStatus status = BinaryStatus::kOk;
  size_t extras_bytes = 0;
  size_t key_bytes = 0;
  uint64_t value_bytes = 0;
  uint64_t cas = 0;
};

char* WriteHeader(char* out, const PacketEcho& echo, const ReplyHeader& header) {
  constexpr uint8_t kDataType = 0;
  out = StoreBig(out, kReplyMagic);
  out = StoreBig(out, echo.opcode);
  out = StoreBig(out, static_cast<uint16_t>(header.key_bytes));
  out = StoreBig(out, static_cast<uint8_t>(header.extras_bytes));
  out = StoreBig(out, kDataType);
  out = StoreBig(out, static_cast<uint16_t>(header.status));
  out = StoreBig(
      out, static_cast<uint32_t>(header.extras_bytes + header.key_bytes + header.value_bytes));
  out = StoreBig(out, echo.opaque);
  return StoreBig(out, header.cas);
}

char* WriteBytes(char* out, std::string_view bytes) {
  return out + bytes.copy(out, bytes.size());
}

}  // namespace

char* WriteItemHead(char* out, const PacketEcho& echo, const PacketItem& item) {
  out = WriteHeader(out, echo,
                    {.extras_bytes = sizeof(item.client_flags),
                     .key_bytes = echo.key.size(),
                     .value_bytes = item.value_bytes,
                     .cas = item.cas});
  return WriteBytes(StoreBig(out, item.client_flags), echo.key);
}

char* WriteStatusPacket(char* out, const PacketEcho& echo, BinaryStatus status, uint64_t cas) {
  if (!echo.key.empty() && status == BinaryStatus::kNotFound) {
    out = WriteHeader(out, echo, {.status = status, .key_bytes = echo.key.size()});
    return WriteBytes(out, echo.key);
  }
  const std::string_view text = StatusText(status);
  out = WriteHeader(out, echo, {.status = status, .value_bytes = text.size(), .cas = cas});
  return WriteBytes(out, text);
}

char* WriteErrorPacket(char* out, const PacketEcho& echo, Error error) {
  const BinaryError told = BinaryErrorOf(error);
  out = WriteHeader(out, echo, {.status = told.status, .value_bytes = told.text.size()});
  return WriteBytes(out, told.text);
}

char* WriteNumberPacket(char* out, const PacketEcho& echo, uint64_t number, uint64_t cas) {
  out = WriteHeader(out, echo, {.value_bytes = sizeof(number), .cas = cas});
  return StoreBig(out, number);
}

char* WriteTextPacket(char* out, const PacketEcho& echo, std::string_view text) {
  QUARRY_CHECK(text.size() <= kMaxKeyBytes);
  return WriteBytes(WriteHeader(out, echo, {.value_bytes = text.size()}), text);
}

void AppendStatPacket(std::string& out, const PacketEcho& echo, std::string_view name,
                      std::string_view value) {
  QUARRY_CHECK(name.size() <= kMaxKeyBytes);
  std::array<char, kPacketHeaderBytes> header{};
  WriteHeader(header.data(), echo, {.key_bytes = name.size(), .value_bytes = value.size()});
  out.append(header.data(), header.size()).append(name).append(value);
}

void AppendEndOfStats(std::string& out, const PacketEcho& echo) {
  std::array<char, kPacketHeaderBytes> header{};
  WriteHeader(header.data(), echo, {});
  out.append(header.data(), header.size());
}

}  // namespace quarry::protocol
