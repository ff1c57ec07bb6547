#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quarry {

/// Strict decimal parsing: digits only, leading zeros allowed, no sign, no space, no overflow.
std::optional<uint64_t> ParseU64(std::string_view digits);
std::optional<uint32_t> ParseU32(std::string_view digits);

/// The same with an optional leading '-'.
std::optional<int64_t> ParseI64(std::string_view digits);
std::optional<int32_t> ParseI32(std::string_view digits);

/// Strict parsing of a decimal fraction: digits, perhaps with one point before, between or behind
/// them; no sign, no exponent.
std::optional<double> ParseDecimal(std::string_view text);

/// The longest text that FormatU64 writes.
inline constexpr size_t kMaxU64Digits = 20;

/// For FormatU64: numbers of two digits and more.
char* FormatLongU64(char* out, uint64_t value);

/// Writes `value` in decimal at `out` (room for kMaxU64Digits) and returns the end. No terminator.
inline char* FormatU64(char* out, uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  return FormatLongU64(out, value);
}

}  // namespace quarry
