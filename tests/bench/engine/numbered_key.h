#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tests/bench/random.h"

namespace quarry::bench {

/// Keys of 20 to 40 bytes, evenly spread, each always the same for one number: eight bytes that no
/// other number has, and letters. Made within a few nanoseconds, so that what is measured is the
/// engine, which takes any bytes. Holds the bytes of one key at a time.
class NumberedKey {
 public:
  NumberedKey() { bytes_.fill('k'); }

  /// Valid until the next call.
  std::string_view Of(uint64_t number) {
    const uint64_t mixed = Mix(number);
    std::memcpy(bytes_.data(), &mixed, sizeof(mixed));
    constexpr uint64_t kSpan = kMaxBytes - kMinBytes + 1;
    return {bytes_.data(), kMinBytes + (((mixed >> 32) * kSpan) >> 32)};
  }

 private:
  static constexpr uint64_t kMinBytes = 20;
  static constexpr uint64_t kMaxBytes = 40;

  std::array<char, kMaxBytes> bytes_{};
};

}  // namespace quarry::bench
