#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/check.h"

namespace quarry::net {

/// The input that one connection keeps between two turns: the beginning of a request whose rest has
/// not come, or requests that wait behind unsent replies. Owns memory only while it holds bytes.
class HeldInput {
 public:
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  size_t heap_bytes() const { return capacity_; }

  /// Replaces what is held by a copy of `bytes`.
  void Assign(std::string_view bytes) {
    if (!bytes.empty() || capacity_ != 0) {
      Keep(bytes);
    }
  }

 private:
  void Keep(std::string_view bytes);

  std::unique_ptr<char[]> bytes_;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

/// The buffer into which one worker reads for all its connections, one at a time: at the end of a
/// turn what is left over goes to the connection's HeldInput.
///
///     bytes_  |  done with  | input not consumed |     free     |
///             0           begin_                end_         kBytes
class ReadBuffer {
 public:
  static constexpr size_t kBytes = 12288;

  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }

  /// Starts a turn: the buffer holds `input`, and nothing else.
  void Load(std::string_view input) {
    QUARRY_CHECK(input.size() <= kBytes);
    begin_ = 0;
    end_ = input.size();
    if (end_ > 0) {
      input.copy(bytes_.data(), end_);
    }
  }

  /// Moves the input to the front and returns all that is free behind it. Not during Consume.
  std::span<char> Room() {
    if (begin_ != 0) {
      MoveToFront();
    }
    return std::span(bytes_).subspan(end_);
  }

  /// `count` bytes were read into what Room returned.
  void Fill(size_t count) {
    QUARRY_DCHECK(count <= kBytes - end_);
    end_ += count;
  }

  /// The first `count` bytes of the input are done with.
  void Drop(size_t count) {
    QUARRY_CHECK(count <= end_ - begin_);
    begin_ += count;
  }

 private:
  void MoveToFront();

  std::array<char, kBytes> bytes_ = {};
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace quarry::net
