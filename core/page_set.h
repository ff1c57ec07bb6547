#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/zeroed_array.h"

namespace quarry::core {

/// Pages by number, kept so that those which lie side by side are found together: a bit for each
/// page, and one for each word of them that has any. Costs memory only where pages were ever put
/// in. No lock.
class PageSet {
 public:
  /// For pages of the numbers 1 to `page_count`; none is in it.
  explicit PageSet(uint32_t page_count);

  bool Contains(uint32_t page) const { return (words_[page / kWordBits] & BitOf(page)) != 0; }
  /// A page that is not in it.
  void Insert(uint32_t page);
  /// A page that is in it.
  void Erase(uint32_t page);
  uint32_t count() const { return count_; }

  /// The page of the lowest number, or 0 if there is none.
  uint32_t Lowest() const;
  /// Likewise of the highest.
  uint32_t Highest() const;
  /// The first of several pages that lie side by side: of 16, or 4, if a few looks find as many, or
  /// the lowest. 0 if there is none.
  uint32_t FirstOfMany() const;

 private:
  static constexpr uint32_t kWordBits = 64;

  static uint64_t BitOf(uint32_t number) { return uint64_t{1} << (number % kWordBits); }
  static uint32_t FirstIn(uint32_t word, uint64_t bits);
  /// The first word from that of number `begin` on that has a page, or word_count().
  uint32_t NextUsedWord(uint32_t begin) const;
  uint32_t word_count() const { return used_word_count_ * kWordBits; }

  const uint32_t used_word_count_;  // of words in used_words_
  const ZeroedArray<uint64_t> words_;
  const ZeroedArray<uint64_t> used_words_;
  uint32_t count_ = 0;
};

}  // namespace quarry::core
