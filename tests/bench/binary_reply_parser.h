#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/reply_parser.h"

namespace quarry::bench {

/// Reads the packets that answer GetK, GetKQ, Set and Noop from pieces cut at any byte, and tells
/// the same events as ReplyParser. Values are handed on as they come. Lives on one thread.
class BinaryReplyParser {
 public:
  /// Takes the next event off the front of *input.
  Reply Next(std::string_view* input);

 private:
  bool HasFront(std::string_view* input);
  size_t FrontBytes() const;
  bool IsHit() const;
  Reply Classify();
  Reply BeginValue();

  /// The packet's header and what stands before its value; of what has none, the whole packet.
  std::string front_;
  bool front_used_ = false;  // front_ was handed out and is cleared by the next call
  bool in_value_ = false;
  uint64_t value_left_ = 0;
};

}  // namespace quarry::bench
