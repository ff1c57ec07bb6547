#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace quarry::protocol {

/// Numbers in network order, as the binary protocol has them. They lie where they lie: no address
/// has to be aligned.

/// `number` with its bytes turned round. Compilers know the loop as one instruction.
template <std::unsigned_integral Number>
constexpr Number Reversed(Number number) {
  Number reversed = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    reversed = static_cast<Number>((reversed << 8) | ((number >> (8 * i)) & 0xffU));
  }
  return reversed;
}

/// The number at `from`.
template <std::unsigned_integral Number>
Number LoadBig(const char* from) {
  static_assert(std::endian::native == std::endian::little);
  Number number = 0;
  std::memcpy(&number, from, sizeof(number));
  if constexpr (sizeof(Number) > 1) {
    number = Reversed(number);
  }
  return number;
}

/// Writes `number` at `out` and returns the end of it.
template <std::unsigned_integral Number>
char* StoreBig(char* out, Number number) {
  static_assert(std::endian::native == std::endian::little);
  if constexpr (sizeof(Number) > 1) {
    number = Reversed(number);
  }
  std::memcpy(out, &number, sizeof(number));
  return out + sizeof(number);
}

}  // namespace quarry::protocol
