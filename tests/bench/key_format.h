#pragma once

#include <cstddef>
#include <cstdint>

namespace quarry::bench {

/// An inclusive range of lengths in bytes.
struct LengthRange {
  size_t min = 0;
  size_t max = 0;
};

/// Turns key numbers into keys: the number in decimal, a dash, and letters up to the key's length,
/// which is spread evenly over the range and always the same for one number. Different numbers
/// give different keys.
class KeyFormat {
 public:
  static constexpr size_t kMaxKeyBytes = 250;

  /// lengths.min must be at least ShortestFor(the number of keys), lengths.max at most
  /// kMaxKeyBytes.
  explicit KeyFormat(LengthRange lengths) : lengths_(lengths) {}

  size_t LengthOf(uint64_t key_number) const;

  /// Writes the key at `out` (room for kMaxKeyBytes) and returns its end.
  char* Write(char* out, uint64_t key_number) const;

  /// The shortest key that can carry the numbers below `key_count`.
  static size_t ShortestFor(uint64_t key_count);

 private:
  const LengthRange lengths_;
};

}  // namespace quarry::bench
