#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// The digits of each number below a thousand, in the first of four bytes.
using SmallNumberTexts = std::array<std::array<char, 4>, 1000>;
constexpr SmallNumberTexts MakeSmallNumberTexts() {
  SmallNumberTexts texts{};
  for (uint32_t number = 0; number < texts.size(); ++number) {
    uint32_t rest = number;
    for (uint32_t digit = (number >= 100 ? 3U : number >= 10 ? 2U : 1U); digit > 0; --digit) {
      texts[number][digit - 1] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    }
  }
  return texts;
}
inline constexpr SmallNumberTexts kSmallNumberTexts = MakeSmallNumberTexts();

/// For FormatU64: the numbers that have no text ready.
char* FormatLongU64(char* out, uint64_t value);

/// Writes `value` in decimal at `out` (room for kMaxU64Digits) and returns the end. No terminator.
inline char* FormatU64(char* out, uint64_t value) {
  if (value >= kSmallNumberTexts.size()) {
    return FormatLongU64(out, value);
  }
  std::memcpy(out, kSmallNumberTexts[value].data(), sizeof(kSmallNumberTexts[value]));
  return out + 1 + (value >= 10 ? 1 : 0) + (value >= 100 ? 1 : 0);
}

}  // namespace quarry
