#include "tests/bench/key_format.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "tests/bench/random.h"

namespace quarry::bench {
namespace {

/// Twice the longest key, so that every key can take its letters from another offset.
constexpr auto kLetters = [] {
  std::array<char, 512> letters{};
  uint64_t state = 1;
  for (char& letter : letters) {
    state = Mix(state);
    letter = static_cast<char>('a' + state % 26);
  }
  return letters;
}();

}  // namespace

size_t KeyFormat::LengthOf(uint64_t key_number) const {
  const uint64_t span = lengths_.max - lengths_.min + 1;
  return lengths_.min + (((Mix(key_number) >> 32) * span) >> 32);
}

char* KeyFormat::Write(char* out, uint64_t key_number) const {
  char* const end = out + LengthOf(key_number);
  char* const dash = std::to_chars(out, end, key_number).ptr;
  *dash = '-';
  const char* const letters = kLetters.data() + key_number % (kLetters.size() - kMaxKeyBytes);
  return std::copy_n(letters, end - (dash + 1), dash + 1);
}

size_t KeyFormat::ShortestFor(uint64_t key_count) {
  size_t digits = 1;
  for (uint64_t largest = key_count == 0 ? 0 : key_count - 1; largest >= 10; largest /= 10) {
    ++digits;
  }
  return digits + 1;
}

}  // namespace quarry::bench
