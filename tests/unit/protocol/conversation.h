#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/parser.h"
#include "protocol/plain_request.h"
#include "protocol/request.h"

namespace quarry::protocol {

/// A request in words: its op, then each field that differs from its default. Views are quoted.
std::string Describe(const Request& request);

/// The plain line or packet at the front of `input`: its length, or 0 where that is none.
size_t ParsePlain(WireForm form, std::string_view input, PlainRequest& request);

/// A connection's side of the parsers: keeps what has arrived and not been consumed, collects
/// bodies, drops what is to be swallowed, and writes down what it is given. Aborts where the
/// parser breaks its contract.
class Conversation {
 public:
  explicit Conversation(WireForm form = WireForm::kText) : state_{.form = form} {}

  /// `bytes` arrive.
  void Receive(std::string_view bytes);

  /// All requests so far in words, "closed" after the last where the connection was closed.
  const std::vector<std::string>& requests() const { return requests_; }

  /// Bytes that wait for more.
  size_t waiting_bytes() const { return buffer_.size(); }

 private:
  bool Step();
  bool FinishBody();
  void Close();
  void Consume(size_t bytes);

  std::string buffer_;
  ParserState state_;
  uint64_t swallow_bytes_ = 0;
  bool closed_ = false;

  // A store whose line has been consumed and whose body has not all arrived. Its request is written
  // down in words at once, since the line's bytes go.
  bool body_pending_ = false;
  Request store_;
  std::string store_words_;

  std::vector<std::string> requests_;
};

/// What `bytes` are parsed into when they arrive in pieces of `fragment_bytes`.
std::vector<std::string> Parse(std::string_view bytes, size_t fragment_bytes = SIZE_MAX,
                               WireForm form = WireForm::kText);

/// The same for a line without its end, and all at once in one text, separated by "; ".
std::string ParseLine(std::string_view line);

}  // namespace quarry::protocol
