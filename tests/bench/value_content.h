#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <xxhash.h>

#include "tests/bench/send_queue.h"

namespace quarry::bench {

/// Makes the bytes of values. Each is a stretch of one block of random bytes; large values are
/// queued as references into the block and never stand in memory as a whole.
///
/// A sealed value proves where it came from when it is read back:
///
///     | checksum (8) | key number (8) | nonce (8) | stretch of the block, chosen by the nonce |
///
/// where the checksum covers everything behind it. A value shorter than that carries a shorter
/// proof:
///
///     | checksum (4) | key number (4) | stretch, chosen by the nonce |
class ValueContent {
 public:
  static constexpr size_t kSealBytes = 24;
  static constexpr size_t kShortSealBytes = 8;

  ValueContent();

  /// Queues a value of `size` bytes.
  void AppendPlain(SendQueue& queue, uint64_t key_number, size_t size) const;

  /// Queues a sealed value of `size` bytes, at least kShortSealBytes. Values of one key with
  /// different nonces differ where the size is kSealBytes or more, and with a shorter one where the
  /// stretch has room for that.
  void AppendSealed(SendQueue& queue, uint64_t key_number, uint64_t nonce, size_t size) const;

 private:
  void AppendShortSealed(SendQueue& queue, uint64_t key_number, uint64_t nonce, size_t size) const;

  /// Calls `take` with the pieces of the block that make up a stretch of `size` bytes.
  template <typename Take>
  void ForEachPiece(uint64_t nonce, size_t size, Take take) const;

  const std::vector<char> block_;
};

/// Checks one sealed value after the other as its bytes arrive.
class ValueChecker {
 public:
  ValueChecker();

  void Begin();
  void Feed(std::string_view bytes);
  /// The number of the key that the value was stored under, or nothing where the value is damaged.
  std::optional<uint64_t> Finish();

 private:
  XXH3_state_t hash_{};
  std::array<char, ValueContent::kSealBytes> seal_{};
  size_t fed_bytes_ = 0;
};

}  // namespace quarry::bench
