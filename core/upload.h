#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/clock.h"
#include "core/value_pieces.h"

namespace quarry::core {

class Engine;

/// The value of a large item on its way in: item memory that grows as the bytes come and that
/// nobody else sees. Ends in Engine::Store, or gives everything back when destroyed. Movable; any
/// one thread at a time.
class Upload {
 public:
  Upload() = default;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  Upload(Upload&& other) noexcept { *this = std::move(other); }
  Upload& operator=(Upload&& other) noexcept;
  ~Upload();

  explicit operator bool() const { return engine_ != nullptr; }

  uint64_t value_bytes() const { return value_bytes_; }
  uint64_t remaining_bytes() const { return rest_.rest_bytes(); }

  /// Memory for the next bytes: fills `spaces` from the front and returns how many it filled, each
  /// not empty, in the order in which bytes go in, until they hold `wanted_bytes` (at least 1) or
  /// all that remain, or `spaces` has no more. Takes pages as needed, which may evict items,
  /// and some more that nobody has. No more than a few pages are emptied at once; the spaces may
  /// hold less then. 0 means that there is no memory to be had.
  size_t Space(std::span<std::span<char>> spaces, uint64_t wanted_bytes);

  /// The first `bytes` bytes of what Space gave last have been written.
  void Advance(uint64_t bytes) { rest_.RemovePrefix(bytes); }

 private:
  friend class Engine;

  Engine* engine_ = nullptr;
  uint32_t shard_ = 0;
  uint32_t handle_ = 0;  // the detached item
  // Of the value's pages, how many have been taken, and how many will be: all but one that has come
  // with the head.
  uint32_t page_count_ = 0;
  uint32_t page_count_end_ = 0;
  uint64_t value_bytes_ = 0;
  ValuePieces rest_;  // what has not been received
  Instant started_;
};

}  // namespace quarry::core
