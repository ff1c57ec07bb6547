#include "core/page_set.h"

#include <bit>

#include "core/base/check.h"

namespace quarry::core {
namespace {

// At so many words that have pages is looked for some that lie side by side.
constexpr int kMaxLooks = 16;

/// Where each set bit says that a row of `length` begins: the same for rows four times as long.
uint64_t RowsFourTimesAsLong(uint64_t rows, int length) {
  const uint64_t twice_as_long = rows & (rows >> length);
  return twice_as_long & (twice_as_long >> (2 * length));
}

}  // namespace

PageSet::PageSet(uint32_t page_count)
    : used_word_count_(page_count / (kWordBits * kWordBits) + 1),
      words_(size_t{used_word_count_} * kWordBits),
      used_words_(used_word_count_) {}

void PageSet::Insert(uint32_t page) {
  QUARRY_DCHECK(page != 0 && !Contains(page));
  const uint32_t word = page / kWordBits;
  words_[word] |= BitOf(page);
  used_words_[word / kWordBits] |= BitOf(word);
  ++count_;
}

void PageSet::Erase(uint32_t page) {
  QUARRY_DCHECK(Contains(page));
  const uint32_t word = page / kWordBits;
  words_[word] &= ~BitOf(page);
  if (words_[word] == 0) {
    used_words_[word / kWordBits] &= ~BitOf(word);
  }
  --count_;
}

uint32_t PageSet::NextUsedWord(uint32_t begin) const {
  uint64_t mask = ~uint64_t{0} << (begin % kWordBits);
  for (uint32_t i = begin / kWordBits; i < used_word_count_; ++i) {
    const uint64_t used = used_words_[i] & mask;
    if (used != 0) {
      return i * kWordBits + static_cast<uint32_t>(std::countr_zero(used));
    }
    mask = ~uint64_t{0};
  }
  return word_count();
}

uint32_t PageSet::FirstIn(uint32_t word, uint64_t bits) {
  return word * kWordBits + static_cast<uint32_t>(std::countr_zero(bits));
}

uint32_t PageSet::Lowest() const {
  const uint32_t word = NextUsedWord(0);
  return word < word_count() ? FirstIn(word, words_[word]) : 0;
}

uint32_t PageSet::Highest() const {
  for (uint32_t i = used_word_count_; i-- > 0;) {
    if (used_words_[i] != 0) {
      const uint32_t word =
          i * kWordBits + static_cast<uint32_t>(std::bit_width(used_words_[i]) - 1);
      return word * kWordBits + static_cast<uint32_t>(std::bit_width(words_[word]) - 1);
    }
  }
  return 0;
}

uint32_t PageSet::FirstOfMany() const {
  uint32_t found = 0;
  uint32_t word = NextUsedWord(0);
  for (int looks = 0; looks < kMaxLooks && word < word_count(); ++looks) {
    const uint64_t of_four = RowsFourTimesAsLong(words_[word], 1);
    const uint64_t of_sixteen = RowsFourTimesAsLong(of_four, 4);
    if (of_sixteen != 0) {
      return FirstIn(word, of_sixteen);
    }
    if (found == 0 && of_four != 0) {
      found = FirstIn(word, of_four);
    }
    word = NextUsedWord(word + 1);
  }
  return found != 0 ? found : Lowest();
}

}  // namespace quarry::core
