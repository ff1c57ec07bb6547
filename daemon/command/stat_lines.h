#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/binary_reply.h"
#include "protocol/request.h"
#include "protocol/words.h"

namespace quarry::command {

/// A reply to `stats`, line by line, in the dialect of its request.
class StatLines {
 public:
  /// `request` outlives it.
  explicit StatLines(const protocol::Request& request) : request_(request) {}

  /// Names of the lines that follow begin with `prefix`, such as "items:3:".
  void SetPrefix(std::string prefix) { prefix_ = std::move(prefix); }

  void Add(std::string_view name, std::string_view value) {
    if (request_.dialect == protocol::Dialect::kBinary) {
      protocol::AppendStatPacket(text_, request_, prefix_ + std::string(name), value);
      return;
    }
    text_.append(protocol::kStatPrefix).append(prefix_).append(name);
    text_.append(" ").append(value).append(protocol::kCrlf);
  }
  void Add(std::string_view name, std::unsigned_integral auto value) {
    Add(name, std::to_string(value));
  }

  /// The whole reply.
  std::string Finish() && {
    if (request_.dialect == protocol::Dialect::kBinary) {
      protocol::AppendEndOfStats(text_, request_);
    } else {
      text_.append(protocol::kEnd);
    }
    return std::move(text_);
  }

 private:
  const protocol::Request& request_;
  std::string prefix_;
  std::string text_;
};

}  // namespace quarry::command
