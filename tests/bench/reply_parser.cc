#include "tests/bench/reply_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace quarry::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

struct FixedLine {
  std::string_view line;
  ReplyKind kind;
};

/// Lines that stand alone. Meta replies may carry flags behind the first two letters.
constexpr std::array kFixedLines = {
    FixedLine{"END", ReplyKind::kEnd},
    FixedLine{"STORED", ReplyKind::kStored},
    FixedLine{"NOT_STORED", ReplyKind::kNotStored},
    FixedLine{"EXISTS", ReplyKind::kNotStored},
    FixedLine{"NOT_FOUND", ReplyKind::kNotStored},
    FixedLine{"ERROR", ReplyKind::kErrorLine},
};
constexpr std::array kMetaLines = {
    FixedLine{"EN", ReplyKind::kMiss},      FixedLine{"MN", ReplyKind::kNoop},
    FixedLine{"HD", ReplyKind::kStored},    FixedLine{"NS", ReplyKind::kNotStored},
    FixedLine{"EX", ReplyKind::kNotStored}, FixedLine{"NF", ReplyKind::kNotStored},
};
constexpr std::array<std::string_view, 2> kErrorPrefixes = {"CLIENT_ERROR ", "SERVER_ERROR "};

/// Takes the next word off the front of *line.
std::string_view TakeWord(std::string_view* line) {
  const size_t space = line->find(' ');
  const std::string_view word = line->substr(0, space);
  line->remove_prefix(space == std::string_view::npos ? line->size() : space + 1);
  return word;
}

/// The key that a meta reply names with its k flag, or nothing.
std::string_view MetaKey(std::string_view flags) {
  while (!flags.empty()) {
    const std::string_view flag = TakeWord(&flags);
    if (flag.starts_with('k')) {
      return flag.substr(1);
    }
  }
  return {};
}

}  // namespace

Reply ReplyParser::Next(std::string_view* input) {
  switch (expects_) {
    case Expects::kValue:
      if (value_left_ > 0) {
        return NextValueBytes(input);
      }
      expects_ = Expects::kLineEnd;
      [[fallthrough]];
    case Expects::kLineEnd:
      return NextLineEnd(input);
    case Expects::kLine:
      break;
  }
  return NextLine(input);
}

Reply ReplyParser::NextLine(std::string_view* input) {
  if (cut_line_used_) {
    cut_line_.clear();
    cut_line_used_ = false;
  }
  const size_t newline = input->find('\n');
  if (newline == std::string_view::npos) {
    KeepCut(*input);
    input->remove_prefix(input->size());
    return {};
  }
  std::string_view line = input->substr(0, newline);
  input->remove_prefix(newline + 1);
  if (!cut_line_.empty()) {
    KeepCut(line);
    cut_line_used_ = true;
    line = cut_line_;
  }
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return Classify(line);
}

void ReplyParser::KeepCut(std::string_view part) {
  cut_line_.append(part.substr(0, kMaxLineBytes - cut_line_.size()));
}

Reply ReplyParser::NextValueBytes(std::string_view* input) {
  if (input->empty()) {
    return {};
  }
  const std::string_view bytes = input->substr(0, std::min<uint64_t>(value_left_, input->size()));
  value_left_ -= bytes.size();
  input->remove_prefix(bytes.size());
  return {ReplyKind::kValueBytes, bytes, 0};
}

Reply ReplyParser::NextLineEnd(std::string_view* input) {
  while (!input->empty()) {
    if (input->front() != kLineEnd[line_end_seen_]) {
      expects_ = Expects::kLine;
      line_end_seen_ = 0;
      return {ReplyKind::kUnknownLine, "value without its line end", 0};
    }
    input->remove_prefix(1);
    if (++line_end_seen_ == kLineEnd.size()) {
      expects_ = Expects::kLine;
      line_end_seen_ = 0;
      return {ReplyKind::kValueEnd, {}, 0};
    }
  }
  return {};
}

Reply ReplyParser::Classify(std::string_view line) {
  std::string_view rest = line;
  const std::string_view word = TakeWord(&rest);
  if (word == "VALUE") {
    const std::string_view key = TakeWord(&rest);
    TakeWord(&rest);  // the client's flags
    return BeginValue(key, TakeWord(&rest));
  }
  if (word == "VA") {
    const std::string_view size = TakeWord(&rest);
    return BeginValue(MetaKey(rest), size);
  }
  for (const FixedLine& fixed : kFixedLines) {
    if (line == fixed.line) {
      return {fixed.kind, line, 0};
    }
  }
  for (const FixedLine& meta : kMetaLines) {
    if (word == meta.line) {
      return {meta.kind, line, 0};
    }
  }
  for (const std::string_view prefix : kErrorPrefixes) {
    if (line.starts_with(prefix)) {
      return {ReplyKind::kErrorLine, line, 0};
    }
  }
  return {ReplyKind::kUnknownLine, line, 0};
}

Reply ReplyParser::BeginValue(std::string_view key, std::string_view size) {
  uint64_t value_bytes = 0;
  const char* const end = size.data() + size.size();
  const auto [rest, error] = std::from_chars(size.data(), end, value_bytes);
  if (error != std::errc{} || rest != end) {
    return {ReplyKind::kUnknownLine, "value without a size", 0};
  }
  value_left_ = value_bytes;
  expects_ = Expects::kValue;
  return {ReplyKind::kValueHead, key, value_bytes};
}

}  // namespace quarry::bench
