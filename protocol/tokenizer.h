#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace quarry::protocol {

/// Command lines are tokens with one or more spaces between them; every other byte, also a control
/// byte, may be part of a token.

inline constexpr uint64_t kEachByte = 0x0101010101010101;

/// Sets the top bit of the lowest zero byte of `word`, and of no byte below it.
constexpr uint64_t MarkZeroByte(uint64_t word) {
  return (word - kEachByte) & ~word & (kEachByte << 7);
}

/// How a search looks at kBytes from `text` on in one step: Find gives the index of the first of
/// `kStops` among them, FindBlank that of the first byte that is not above a space; kBytes where
/// there is none. This one is for every processor.
struct WordStep {
  static constexpr size_t kBytes = sizeof(uint64_t);

  template <char... kStops>
  static size_t Find(const char* text) {
    const uint64_t word = Load(text);
    return FirstOf((... | MarkZeroByte(word ^ (kEachByte * static_cast<uint8_t>(kStops)))));
  }
  static size_t FindBlank(const char* text) {
    // A byte below 33 borrows; the lowest such byte is not disturbed by any other.
    const uint64_t word = Load(text);
    return FirstOf((word - kEachByte * (' ' + 1)) & ~word & (kEachByte << 7));
  }

 private:
  static uint64_t Load(const char* text) {
    static_assert(std::endian::native == std::endian::little, "the lowest byte is the first");
    uint64_t word = 0;
    std::memcpy(&word, text, sizeof(word));
    return word;
  }
  static size_t FirstOf(uint64_t marks) {
    return marks != 0 ? static_cast<size_t>(std::countr_zero(marks)) / 8 : kBytes;
  }
};

#ifdef __SSE2__
/// The same with the vectors that every x86-64 has.
struct VectorStep {
  static constexpr size_t kBytes = sizeof(__m128i);

  template <char... kStops>
  static size_t Find(const char* text) {
    const __m128i bytes = Load(text);
    return FirstOf((... | _mm_cmpeq_epi8(bytes, _mm_set1_epi8(kStops))));
  }
  static size_t FindBlank(const char* text) {
    const __m128i bytes = Load(text);
    return FirstOf(_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes));
  }

 private:
  static __m128i Load(const char* text) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  }
  static size_t FirstOf(__m128i equal) {
    const auto marks = static_cast<unsigned>(_mm_movemask_epi8(equal));
    return marks != 0 ? static_cast<size_t>(__builtin_ctz(marks)) : kBytes;
  }
};
using FindStep = VectorStep;
#else
using FindStep = WordStep;
#endif

/// The index of the first of `kStops` in `text`; the size of `text` when there is none. Many bytes
/// a step, since keys are long, with nothing to set up, since numbers are short.
template <char... kStops, typename Step = FindStep>
size_t FindFirst(std::string_view text, Step = {}) {
  size_t index = 0;
  for (; index + Step::kBytes <= text.size(); index += Step::kBytes) {
    const size_t found = Step::template Find<kStops...>(text.data() + index);
    if (found < Step::kBytes) {
      return index + found;
    }
  }
  if (index > 0 && index < text.size()) {
    // The last step once more overlaps the one before it, where there was no stop.
    index = text.size() - Step::kBytes;
    return index + Step::template Find<kStops...>(text.data() + index);
  }
  while (index < text.size() && (... && (text[index] != kStops))) {
    ++index;
  }
  return index;
}

inline std::string_view TrimSpaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

/// The last token of `text`, which does not end in a space.
inline std::string_view LastToken(std::string_view text) {
  return text.substr(text.rfind(' ') + 1);  // npos + 1 is 0: the whole text
}

/// Takes one token after the other from a text.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : rest_(text) {}

  /// The next token; empty when there is none.
  std::string_view Next() {
    SkipSpaces();
    const bool is_letter = rest_.size() > 1 && rest_[1] == ' ';  // as meta flags are
    const size_t end = is_letter ? 1 : FindFirst<' '>(rest_);
    const std::string_view token = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return token;
  }

  /// What has not been taken, from its first token on.
  std::string_view Rest() {
    SkipSpaces();
    return rest_;
  }

 private:
  void SkipSpaces() {
    while (!rest_.empty() && rest_.front() == ' ') {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

/// True when `text` has `count` tokens or more.
inline bool HasTokens(std::string_view text, size_t count) {
  if (text.size() + 1 < 2 * count) {  // Too short for so many and the spaces between them.
    return false;
  }
  Tokenizer tokens(text);
  for (; count > 1 && !tokens.Rest().empty(); --count) {
    tokens.Next();
  }
  return count == 0 || !tokens.Rest().empty();
}

}  // namespace quarry::protocol
