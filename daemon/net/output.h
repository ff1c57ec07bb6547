#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/command/reply_buffer.h"

namespace quarry::net {

/// The replies of one connection that the socket has not taken yet, in order, and how far they have
/// been sent. A pinned value is sent from item memory, and its pin dropped with its last byte. Owns
/// no memory while it is empty.
///
///     segments_   | VA 9 .. | pin: part 0, part 1, part 2 | HD .. |
///                                          ^ offset_ bytes into part_ of segments_[front_]
///
/// Belongs to its connection's worker.
class Output {
 public:
  bool empty() const { return front_ == segments_.size(); }

  /// True when pinned values are among what is unsent.
  bool HoldsPins() const;

  /// What it keeps on the heap.
  size_t HeapBytes() const;

  /// Takes what `replies` holds behind what is here already, and clears it. Its text is borrowed
  /// from the scratch memory until Detach.
  void Take(command::ReplyBuffer& replies);

  /// The same for text alone.
  void TakeText(std::string_view text);

  /// Copies what is still borrowed, so that the scratch memory can be used again.
  void Detach();

  /// Points `vectors` at the next bytes to send and returns how many of them were used; 0 only when
  /// empty.
  size_t Gather(std::span<iovec> vectors) const;

  /// The first `bytes` of what Gather returned have been sent.
  void Advance(size_t bytes);

  /// Drops everything, pins included.
  void Clear();

 private:
  using Segment = std::variant<std::string_view, std::string, core::Pin>;

  static size_t PartCount(const Segment& segment);
  static std::string_view Part(const Segment& segment, size_t part_index);

  std::vector<Segment> segments_;
  size_t front_ = 0;   // the segment that is being sent; those before it are empty
  size_t part_ = 0;    // the part of it
  size_t offset_ = 0;  // bytes of that part that have been sent
};

}  // namespace quarry::net
