#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The binary protocol's packets, as far as the benchmarks send and take them. A packet is a
/// header, extras, the key and the value; numbers are big-endian.
///
///     | magic 1 | opcode 1 | key bytes 2 | extras bytes 1 | type 1 | status 2 |
///     | body bytes (all behind the header) 4 | opaque 4 | CAS 8 |
namespace quarry::bench::binary {

inline constexpr size_t kHeaderBytes = 24;
inline constexpr size_t kKeyBytesAt = 2;
inline constexpr size_t kExtrasBytesAt = 4;
inline constexpr size_t kStatusAt = 6;
inline constexpr size_t kBodyBytesAt = 8;
inline constexpr char kRequestMagic = '\x80';
inline constexpr char kReplyMagic = '\x81';

/// Of a reply with a value: the flags. Of a set: flags and expiry.
inline constexpr size_t kValueExtrasBytes = 4;
inline constexpr size_t kSetExtrasBytes = 8;

enum class Opcode : uint8_t {
  kSet = 0x01,
  kNoop = 0x0a,
  kGetK = 0x0c,
  kGetKQ = 0x0d,
};

enum class Status : uint16_t {
  kSuccess = 0,
  kNotFound = 1,
  kExists = 2,
  kNotStored = 5,
};

/// Reads the number that `bytes` begins with; there must be enough of them.
template <typename Number>
Number ReadBigEndian(std::string_view bytes) {
  Number number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number << 8 | static_cast<uint8_t>(bytes[i]));
  }
  return number;
}

/// Writes a number; returns the end of it.
template <typename Number>
char* WriteBigEndian(char* out, Number number) {
  for (size_t i = sizeof(Number); i > 0; --i) {
    *out++ = static_cast<char>(number >> (8 * (i - 1)));
  }
  return out;
}

/// Writes the header of a packet whose extras, key and value follow; returns its end.
inline char* WriteHeader(char* out, char magic, Opcode opcode, size_t extras_bytes,
                         size_t key_bytes, size_t value_bytes) {
  *out++ = magic;
  *out++ = static_cast<char>(opcode);
  out = WriteBigEndian(out, static_cast<uint16_t>(key_bytes));
  *out++ = static_cast<char>(extras_bytes);
  *out++ = 0;  // the only data type there is
  out = WriteBigEndian(out, uint16_t{0});
  out = WriteBigEndian(out, static_cast<uint32_t>(extras_bytes + key_bytes + value_bytes));
  out = WriteBigEndian(out, uint32_t{0});
  return WriteBigEndian(out, uint64_t{0});
}

}  // namespace quarry::bench::binary
