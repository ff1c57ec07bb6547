#include "protocol/base64.h"

#include <array>
#include <cstdint>

namespace quarry::protocol {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kPadding = '=';
constexpr uint32_t kNotInAlphabet = 64;

constexpr std::array<uint8_t, 256> MakeDecodeTable() {
  std::array<uint8_t, 256> table{};
  table.fill(kNotInAlphabet);
  for (size_t value = 0; value < kAlphabet.size(); ++value) {
    table[static_cast<uint8_t>(kAlphabet[value])] = static_cast<uint8_t>(value);
  }
  return table;
}
constexpr std::array<uint8_t, 256> kDecodeTable = MakeDecodeTable();

uint32_t Byte(std::string_view bytes, size_t index) {
  return index < bytes.size() ? static_cast<uint8_t>(bytes[index]) : 0;
}

}  // namespace

char* EncodeBase64(char* out, std::string_view bytes) {
  for (size_t begin = 0; begin < bytes.size(); begin += 3) {
    const size_t left = bytes.size() - begin;
    const uint32_t group =
        Byte(bytes, begin) << 16 | Byte(bytes, begin + 1) << 8 | Byte(bytes, begin + 2);
    *out++ = kAlphabet[group >> 18];
    *out++ = kAlphabet[group >> 12 & 63];
    *out++ = left > 1 ? kAlphabet[group >> 6 & 63] : kPadding;
    *out++ = left > 2 ? kAlphabet[group & 63] : kPadding;
  }
  return out;
}

char* DecodeBase64(char* out, std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) {
    return nullptr;
  }
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with(kPadding) ? 1 : 0;
  text.remove_suffix(padding);
  uint32_t bits = 0;
  size_t bit_count = 0;
  for (const char character : text) {
    const uint32_t value = kDecodeTable[static_cast<uint8_t>(character)];
    if (value == kNotInAlphabet) {
      return nullptr;
    }
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      *out++ = static_cast<char>(bits >> bit_count & 0xff);
    }
  }
  return out;
}

}  // namespace quarry::protocol
