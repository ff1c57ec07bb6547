#include "protocol/tokenizer.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

// All that this processor can run: the step that it takes is one of them.
#ifdef __SSE2__
using Steps = std::tuple<WordStep, VectorStep>;
#else
using Steps = std::tuple<WordStep>;
#endif

constexpr size_t kMaxBytes = 50;

size_t FirstOf(const std::vector<char>& text, std::string_view stops) {
  return static_cast<size_t>(
      std::find_first_of(text.begin(), text.end(), stops.begin(), stops.end()) - text.begin());
}

/// One step finds the first byte up to a space, at every place that it can begin.
template <typename Step>
void RequireBlankFound(const std::vector<char>& text) {
  for (size_t begin = 0; begin + Step::kBytes <= text.size(); ++begin) {
    size_t blank = 0;
    while (blank<Step::kBytes&& static_cast<unsigned char>(text[begin + blank])> ' ') {
      ++blank;
    }
    REQUIRE(Step::FindBlank(text.data() + begin) == blank);
  }
}

template <typename Step>
void RequireFound(const std::vector<char>& text) {
  RequireBlankFound<Step>(text);
  const std::string_view view(text.data(), text.size());
  REQUIRE(FindFirst<' '>(view, Step()) == FirstOf(text, " "));
  REQUIRE(FindFirst<' ', '\n'>(view, Step()) == FirstOf(text, " \n"));
  REQUIRE(FindFirst<' ', '\n'>(view) == FirstOf(text, " \n"));
}

TEMPLATE_LIST_TEST_CASE("A stop is found at every place of a text of every length", "", Steps) {
  // '!' behind a space is where a subtraction of words borrows.
  for (const char filler : {'k', '!', '\x1f', '\xa0', '\0'}) {
    for (size_t bytes = 0; bytes <= kMaxBytes; ++bytes) {
      std::vector<char> text(bytes, filler);
      RequireFound<TestType>(text);
      for (char& place : text) {
        place = ' ';
        RequireFound<TestType>(text);
        place = filler;
      }
    }
  }
}

TEMPLATE_LIST_TEST_CASE("The first of many stops is found among bytes that resemble them", "",
                        Steps) {
  constexpr std::array<char, 14> kBytes = {' ',    '\n',   '!',    '\x1f', '\x0b', '\x09', '\0',
                                           '\x01', '\x7f', '\x80', '\xa0', '\x8a', '\xff', 'k'};
  std::mt19937 random(1);
  for (int round = 0; round < 10'000; ++round) {
    std::vector<char> text(random() % kMaxBytes);
    // Each round draws from the bytes that are no stops and from few or all of the stops.
    const size_t begin = random() % 3;
    std::generate(text.begin(), text.end(),
                  [&] { return kBytes[begin + random() % (kBytes.size() - begin)]; });
    RequireFound<TestType>(text);
  }
}

TEST_CASE("Tokens have one space or more between them and bytes of any kind in them") {
  Tokenizer tokens("  a\tb   \xff\x01 a-token-of-more-than-sixteen-bytes  ");
  REQUIRE(tokens.Next() == "a\tb");
  REQUIRE(tokens.Next() == "\xff\x01");
  REQUIRE(tokens.Rest() == "a-token-of-more-than-sixteen-bytes  ");
  REQUIRE(tokens.Next() == "a-token-of-more-than-sixteen-bytes");
  REQUIRE(tokens.Next().empty());
}

}  // namespace
}  // namespace quarry::protocol
