#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/words.h"

namespace quarry::command {

/// A reply to `stats`, line by line.
class StatLines {
 public:
  /// Names of the lines that follow begin with `prefix`, such as "items:3:".
  void SetPrefix(std::string prefix) { prefix_ = std::move(prefix); }

  void Add(std::string_view name, std::string_view value) {
    text_.append(protocol::kStatPrefix).append(prefix_).append(name);
    text_.append(" ").append(value).append(protocol::kCrlf);
  }
  void Add(std::string_view name, std::unsigned_integral auto value) {
    Add(name, std::to_string(value));
  }

  /// The whole reply.
  std::string Finish() && { return std::move(text_.append(protocol::kEnd)); }

 private:
  std::string prefix_;
  std::string text_;
};

}  // namespace quarry::command
