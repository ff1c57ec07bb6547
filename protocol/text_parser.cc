#include "protocol/text_parser.h"

#include <algorithm>

#include "protocol/classic_parser.h"
#include "protocol/command_line.h"
#include "protocol/command_table.h"
#include "protocol/meta_parser.h"
#include "protocol/retrieval_line.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

constexpr size_t kMinLineBytes = 2;

bool IsRetrieval(const Command& command) {
  return command.prototype.op == Op::kGet && command.prototype.dialect == Dialect::kClassic;
}

/// The get or gets that begins `input`; nullptr for any other command. gat needs its line whole.
const Command* StreamableCommand(std::string_view input) {
  const Command* command = FindCommand(input.substr(0, FindFirst<' '>(input)));
  const bool streamable = command != nullptr && IsRetrieval(*command) && !command->prototype.touch;
  return streamable ? command : nullptr;
}

/// A browser or a health check that speaks HTTP would have each of its header lines answered: it is
/// shut out at the first.
bool IsHttpRequest(std::string_view text) {
  const std::string_view trimmed = TrimSpaces(text);
  const std::string_view last = LastToken(trimmed);
  return last.size() < trimmed.size() && last.starts_with("HTTP/");
}

/// Refuses a line with fewer arguments than its command needs.
ParseResult RefuseShortLine(const Command& command, const CommandLine& line, Request& request) {
  const bool quiet = HidesErrors(command, line.arguments);
  return request.op == Op::kStore ? RefuseUnknownBody(line, quiet, request)
                                  : Refuse(line, Error::kBadLine, quiet, request);
}

/// Parses the whole line `text` without its end; `line` has everything but the arguments.
ParseResult ParseWholeLine(std::string_view text, CommandLine& line, RetrievalLine& state,
                           Request& request) {
  if (text.size() < kMinLineBytes) {
    request = {};
    return Refuse(line, Error::kBadLine, false, request);
  }
  const size_t name_end = FindFirst<' '>(text);
  const Command* command = FindCommand(text.substr(0, name_end));
  if (command == nullptr) {
    if (IsHttpRequest(text)) {
      return {.status = ParseStatus::kClose};
    }
    request = {};
    return Refuse(line, Error::kUnknownCommand, false, request);
  }
  request = command->prototype;
  line.arguments = TrimSpaces(text.substr(name_end));
  if (!HasTokens(line.arguments, command->min_arguments)) {
    return RefuseShortLine(*command, line, request);
  }
  if (request.dialect == Dialect::kMeta) {
    return ParseMeta(line, request);
  }
  return IsRetrieval(*command) ? ParseRetrieval(*command, line, state, request)
                               : ParseClassic(*command, line, request);
}

ParseResult ParseLine(std::string_view input, RetrievalLine& state, Request& request) {
  const size_t newline = input.find('\n');
  const bool whole = newline != std::string_view::npos;
  if (std::min(newline, input.size()) > kMaxLineBytes) {
    if (const Command* command = StreamableCommand(input)) {
      return StreamRetrieval(*command, input, state, request);
    }
    if (!whole) {
      return {.status = ParseStatus::kClose};
    }
  }
  if (!whole) {
    return {.status = ParseStatus::kNeedMore};
  }
  std::string_view text = input.substr(0, newline);
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  CommandLine line{.input = input, .line_bytes = newline + 1};
  return ParseWholeLine(text, line, state, request);
}

/// Drops what is left of a retrieval line whose error has been answered. What follows is for the
/// next call: a caller that puts off a store which has not all arrived would otherwise have
/// consumed nothing, and meet the refused line again as one of its own.
ParseResult DropRefusedLine(std::string_view input, RetrievalLine& state) {
  const size_t newline = input.find('\n');
  if (newline == std::string_view::npos) {
    return {.status = ParseStatus::kNeedMore, .consumed = input.size()};
  }
  state = {};
  return {.status = ParseStatus::kNeedMore, .consumed = newline + 1};
}

}  // namespace

ParseResult ParseText(std::string_view input, RetrievalLine& line, Request& request) {
  if (line.skip_to_end) [[unlikely]] {
    return DropRefusedLine(input, line);
  }
  return line.active ? NextKey(input, line, request) : ParseLine(input, line, request);
}

}  // namespace quarry::protocol
