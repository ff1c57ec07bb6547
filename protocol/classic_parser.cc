#include "protocol/classic_parser.h"

#include <optional>
#include <string_view>

#include "core/base/numbers.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

constexpr std::string_view kNoreply = "noreply";

/// Moves a parsed number to its field; false when there is none.
template <typename Number, typename Field>
bool Assign(std::optional<Number> number, Field& field) {
  field = number.value_or(0);
  return number.has_value();
}

/// <key> <flags> <exptime> <bytes> [<cas unique>] [noreply]
ParseResult ParseStore(const CommandLine& line, bool hide_errors, Request& request) {
  Tokenizer tokens(line.arguments);
  request.key = tokens.Next();
  const std::string_view client_flags = tokens.Next();
  const std::string_view exptime = tokens.Next();
  if (!Assign(ParseValueBytes(tokens.Next()), request.value_bytes)) {
    return RefuseUnknownBody(line, hide_errors, request);
  }
  const bool valid = request.key.size() <= kMaxKeyBytes &&
                     Assign(ParseU32(client_flags), request.client_flags) &&
                     Assign(ParseI32(exptime), request.exptime) &&
                     (!request.compare_cas || Assign(ParseU64(tokens.Next()), request.cas));
  return valid ? TakeBody(line, request) : RefuseBody(line, Error::kBadLine, hide_errors, request);
}

/// [0] [noreply], and nothing else: that place once held a time for which the key was locked.
Error ParseDelete(Tokenizer& tokens, const Request& request) {
  std::string_view token = tokens.Next();
  if (token == "0") {
    token = tokens.Next();
  }
  if (request.quiet && token == kNoreply) {
    token = tokens.Next();
  }
  return token.empty() ? Error::kNone : Error::kBadDelete;
}

/// A command that names one key and has no body.
Error ParseKeyed(std::string_view arguments, Request& request) {
  Tokenizer tokens(arguments);
  request.key = tokens.Next();
  if (request.key.size() > kMaxKeyBytes) {
    return Error::kBadLine;
  }
  switch (request.op) {
    case Op::kArithmetic:
      return Assign(ParseU64(tokens.Next()), request.delta) ? Error::kNone : Error::kInvalidDelta;
    case Op::kTouch:
      return Assign(ParseI32(tokens.Next()), request.exptime) ? Error::kNone
                                                              : Error::kInvalidExptime;
    default:
      return ParseDelete(tokens, request);
  }
}

/// [<delay>] [noreply]
Error ParseFlushAll(std::string_view arguments, Request& request) {
  const bool has_delay = HasTokens(arguments, request.quiet ? 2 : 1);
  return !has_delay || Assign(ParseI32(Tokenizer(arguments).Next()), request.exptime)
             ? Error::kNone
             : Error::kInvalidExptime;
}

/// <level> [noreply]
Error ParseVerbosity(std::string_view arguments, Request& request) {
  return Assign(ParseU32(Tokenizer(arguments).Next()), request.verbosity) ? Error::kNone
                                                                          : Error::kBadLine;
}

/// <megabytes> [noreply]
Error ParseMemoryLimit(std::string_view arguments, Request& request) {
  return Assign(ParseU64(Tokenizer(arguments).Next()), request.memory_limit_mb)
             ? Error::kNone
             : Error::kUnknownCommand;
}

/// mode flat|segmented, temp_ttl <seconds>, or tune and what ParseLruTune reads
Error ParseLru(std::string_view arguments, Request& request) {
  Tokenizer tokens(arguments);
  const std::string_view name = tokens.Next();
  if (name == "temp_ttl") {
    request.op = Op::kTemporaryTtl;
    return Assign(ParseI32(tokens.Next()), request.exptime) ? Error::kNone : Error::kUnknownCommand;
  }
  if (name == "tune") {
    request.op = Op::kLruTune;
    request.arguments = tokens.Rest();
    return Error::kNone;
  }
  if (name != "mode") {
    return Error::kUnknownCommand;
  }
  const std::string_view mode = tokens.Next();
  request.flat_lru = mode == "flat";
  return request.flat_lru || mode == "segmented" ? Error::kNone : Error::kUnknownCommand;
}

/// A command without a body.
Error ParseBodiless(std::string_view arguments, Request& request) {
  switch (request.op) {
    case Op::kArithmetic:
    case Op::kTouch:
    case Op::kDelete:
      return ParseKeyed(arguments, request);
    case Op::kFlushAll:
      return ParseFlushAll(arguments, request);
    case Op::kVerbosity:
      return ParseVerbosity(arguments, request);
    case Op::kMemoryLimit:
      return ParseMemoryLimit(arguments, request);
    case Op::kLruMode:
      return ParseLru(arguments, request);
    default:  // version, stats, slabs, lru_crawler, watch, quit, shutdown
      request.arguments = arguments;
      return Error::kNone;
  }
}

}  // namespace

bool HidesErrors(const Command& command, std::string_view arguments) {
  return command.noreply && arguments.ends_with(kNoreply) && LastToken(arguments) == kNoreply;
}

ParseResult ParseClassic(const Command& command, const CommandLine& line, Request& request) {
  const bool hide_errors = HidesErrors(command, line.arguments);
  request.quiet = hide_errors && HasTokens(line.arguments, command.min_arguments + 1);
  if (request.op == Op::kStore) {
    return ParseStore(line, hide_errors, request);
  }
  const Error error = ParseBodiless(line.arguments, request);
  return error == Error::kNone ? Accept(line) : Refuse(line, error, hide_errors, request);
}

}  // namespace quarry::protocol
