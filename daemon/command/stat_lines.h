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

/// Appends one line of `stats`, and what ends them, in the dialect of `request`.
inline void AppendStat(std::string& text, const protocol::Request& request, std::string_view name,
                       std::string_view value) {
  if (request.dialect == protocol::Dialect::kBinary) {
    protocol::AppendStatPacket(text, protocol::EchoOf(request), name, value);
    return;
  }
  text.append(protocol::kStatPrefix).append(name).append(" ").append(value);
  text.append(protocol::kCrlf);
}

inline void AppendStatsEnd(std::string& text, const protocol::Request& request) {
  if (request.dialect == protocol::Dialect::kBinary) {
    protocol::AppendEndOfStats(text, protocol::EchoOf(request));
  } else {
    text.append(protocol::kEnd);
  }
}

/// A reply to `stats`, line by line, in the dialect of its request.
class StatLines {
 public:
  /// `request` outlives it.
  explicit StatLines(const protocol::Request& request) : request_(request) {}

  /// Names of the lines that follow begin with `prefix`, such as "items:3:".
  void SetPrefix(std::string prefix) { prefix_ = std::move(prefix); }

  void Add(std::string_view name, std::string_view value) {
    AppendStat(text_, request_, prefix_ + std::string(name), value);
  }
  void Add(std::string_view name, std::unsigned_integral auto value) {
    Add(name, std::to_string(value));
  }

  /// The whole reply.
  std::string Finish() && {
    AppendStatsEnd(text_, request_);
    return std::move(text_);
  }

 private:
  const protocol::Request& request_;
  std::string prefix_;
  std::string text_;
};

}  // namespace quarry::command
