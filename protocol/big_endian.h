#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace quarry::protocol {

// Numbers in network order, as the binary protocol has them, at any address. Written without loops,
// so that compilers make one load or store of each, with its bytes swapped.

namespace internal {

template <size_t... kIndexes>
uint64_t JoinBytes(const char* from, std::index_sequence<kIndexes...> /*indexes*/) {
  constexpr size_t kBytes = sizeof...(kIndexes);
  return (... | (uint64_t{static_cast<uint8_t>(from[kIndexes])} << (8 * (kBytes - 1 - kIndexes))));
}

template <size_t... kIndexes>
void PartBytes(char* out, uint64_t number, std::index_sequence<kIndexes...> /*indexes*/) {
  constexpr size_t kBytes = sizeof...(kIndexes);
  ((out[kIndexes] = static_cast<char>(number >> (8 * (kBytes - 1 - kIndexes)))), ...);
}

}  // namespace internal

/// The number at `from`.
template <std::unsigned_integral Number>
Number LoadBig(const char* from) {
  return static_cast<Number>(internal::JoinBytes(from, std::make_index_sequence<sizeof(Number)>()));
}

/// Writes `number` at `out` and returns the end of it.
template <std::unsigned_integral Number>
char* StoreBig(char* out, Number number) {
  internal::PartBytes(out, number, std::make_index_sequence<sizeof(Number)>());
  return out + sizeof(Number);
}

}  // namespace quarry::protocol
