#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/floor/request_scanner.h"

namespace quarry::bench {

/// The shape of the workload's replies. Every value has the same size, and every key named in a
/// reply the same length.
struct ReplyShape {
  size_t value_bytes = 100;
  size_t key_bytes = 30;
  size_t keys_per_get = 1;
  size_t memory_bytes = 0;  // that large values are spread over; 0: none, they stay in the cache
};

/// The replies that the floor gives, made once. Constant afterwards.
///
/// A small reply stands as often as it fits in a block of its own, so that the replies to a burst
/// of equal requests are one stretch of bytes. A reply with a large value is a list of pieces of
/// one region of memory, in which such values stand one behind the other. Which of them comes next
/// is left to chance, as it is with the keys that are asked for: taken in their order, more of them
/// would still be in the processor's cache.
class CannedReplies {
 public:
  /// A value beyond this is a large one.
  static constexpr size_t kSmallValueBytes = size_t{4} << 10;

  explicit CannedReplies(const ReplyShape& shape);

  size_t SizeOf(RequestKind kind) const { return Of(kind).size; }
  bool IsSmall(RequestKind kind) const { return !Of(kind).block.empty(); }

  /// As many whole replies of a small kind in a row as a block holds, one at least.
  std::string_view InARow(RequestKind kind) const { return Of(kind).block; }

  /// The bytes of one reply from `offset` on, as pieces, of which there must be one at least.
  /// `number` chooses the large value. Returns how many pieces were needed; where they are too few
  /// for the rest of the reply, all.
  size_t PiecesFrom(RequestKind kind, size_t offset, uint64_t number,
                    std::span<iovec> pieces) const;

 private:
  struct Reply {
    size_t size = 0;
    std::string block;  // of a small reply: as many as fit
    std::string head;   // of a large one: what stands before the value
    std::string tail;   // and behind it
  };

  void Put(RequestKind kind, std::string head, size_t value_bytes, std::string tail);
  const Reply& Of(RequestKind kind) const { return replies_[static_cast<size_t>(kind)]; }

  std::array<Reply, kRequestKindCount> replies_;
  const std::vector<char> region_;
  const size_t region_values_;  // at least 1
  const size_t value_bytes_;
};

}  // namespace quarry::bench
