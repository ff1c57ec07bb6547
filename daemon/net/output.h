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
///     segments_   | VA 9 .. | pin | HD .. |
///                     ^ offset_ bytes into segments_[front_]; a pin knows what is left of it
///
/// Belongs to its connection's worker.
class Output {
 public:
  bool empty() const { return segments_.empty(); }

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

  /// Points `vectors` at the next bytes to send, as many as one call shall send, and returns how
  /// many of them were used; 0 only when empty.
  size_t Gather(std::span<iovec> vectors) const;

  /// The first `bytes` of what Gather returned have been sent.
  void Advance(size_t bytes);

  /// Drops everything, pins included.
  void Clear();

 private:
  using Segment = std::variant<std::string_view, std::string, core::Pin>;

  /// What is left of the front segment.
  uint64_t RestBytes(const Segment& segment) const;
  /// Goes on within it.
  void Skip(Segment& segment, uint64_t bytes);
  /// The bytes of a segment that is not a pin.
  static std::string_view Text(const Segment& segment);

  std::vector<Segment> segments_;
  uint32_t front_ = 0;   // the segment that is being sent; those before it are empty
  uint32_t offset_ = 0;  // how much of it has been sent, if it is text
};

}  // namespace quarry::net
