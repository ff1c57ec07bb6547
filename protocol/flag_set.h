#pragma once

#include <cstdint>
#include <string_view>

namespace quarry::protocol {

/// A set of meta flags, each named by an ASCII letter.
class FlagSet {
 public:
  constexpr FlagSet() = default;
  explicit constexpr FlagSet(std::string_view letters) {
    for (const char letter : letters) {
      Add(letter);
    }
  }

  constexpr void Add(char letter) { bits_ |= Bit(letter); }

  /// Any byte may be asked for; one that is no letter is in no set.
  constexpr bool Contains(char letter) const { return (bits_ & Bit(letter)) != 0; }

 private:
  // 'A' to 'z' span 58 places of the word, a few of them unused.
  static constexpr uint64_t Bit(char letter) {
    return letter >= 'A' && letter <= 'z' ? uint64_t{1} << (letter - 'A') : 0;
  }

  uint64_t bits_ = 0;
};

}  // namespace quarry::protocol
