#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/clock.h"

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
  uint64_t remaining_bytes() const { return value_bytes_ - received_bytes_; }

  /// Memory for the next bytes: fills `spaces` from the front and returns how many it filled, each
  /// not empty, in the order in which bytes go in; fewer bytes than remain, if `spaces` is short.
  /// Takes pages as needed, which may evict items; 0 means that there is no memory to be had.
  size_t Space(std::span<std::span<char>> spaces);

  /// The first `bytes` bytes of what Space gave last have been written.
  void Advance(uint64_t bytes);

 private:
  friend class Engine;

  /// Room for the value's byte number `at`, which is in `page`, and those behind it there.
  std::span<char> InPage(uint32_t page, uint64_t at, uint64_t page_bytes) const;
  /// The same, counted from the end of the pages.
  std::span<char> InChunk(uint64_t at) const;

  Engine* engine_ = nullptr;
  uint32_t shard_ = 0;
  uint32_t handle_ = 0;  // the detached item
  uint32_t page_ = 0;    // the page with the last byte that was received, if it is in one
  uint64_t value_bytes_ = 0;
  uint64_t received_bytes_ = 0;
  Instant started_;
};

}  // namespace quarry::core
