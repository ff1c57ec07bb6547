#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace quarry::bench {

enum class ReplyKind : uint8_t {
  kIncomplete,   // the input is used up; continue with more
  kValueHead,    // text is the key where the reply names it; value_bytes bytes of value follow
  kValueBytes,   // text is the next stretch of the value
  kValueEnd,     // the value and the line end behind it are complete
  kEnd,          // END, which closes a classic get
  kMiss,         // EN
  kNoop,         // MN
  kStored,       // STORED, HD
  kNotStored,    // NOT_STORED, EXISTS, NOT_FOUND and their meta forms
  kErrorLine,    // ERROR, CLIENT_ERROR and SERVER_ERROR; text is the line
  kUnknownLine,  // anything else, values without their line end included; text says what
};

struct Reply {
  ReplyKind kind = ReplyKind::kIncomplete;
  /// A view into the input or the parser, valid until the next call.
  std::string_view text;
  uint64_t value_bytes = 0;
};

/// Reads the replies of both text dialects from pieces cut at any byte. Values are handed on as
/// they come, so that none is ever buffered whole; only a line that is cut is kept.
class ReplyParser {
 public:
  static constexpr size_t kMaxLineBytes = 4096;

  /// Takes the next event off the front of *input.
  Reply Next(std::string_view* input);

 private:
  enum class Expects : uint8_t {
    kLine,
    kValue,
    kLineEnd
  };

  Reply NextLine(std::string_view* input);
  void KeepCut(std::string_view part);
  Reply NextValueBytes(std::string_view* input);
  Reply NextLineEnd(std::string_view* input);
  Reply Classify(std::string_view line);
  Reply BeginValue(std::string_view key, std::string_view size);

  Expects expects_ = Expects::kLine;
  uint64_t value_left_ = 0;
  size_t line_end_seen_ = 0;
  std::string cut_line_;
  bool cut_line_used_ = false;  // cut_line_ was handed out and is cleared by the next call
};

}  // namespace quarry::bench
