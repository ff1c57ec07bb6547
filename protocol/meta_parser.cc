#include "protocol/meta_parser.h"

#include <optional>
#include <string_view>

#include "protocol/meta_flags.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

/// Most tokens of a line, its command, key and length counted.
constexpr size_t kMaxTokens = 20;

/// Checks the key and reads the flags of `request`. `other_tokens` stand before the flags.
Error ParseKeyAndFlags(size_t other_tokens, Request& request) {
  if (HasTokens(request.flag_tokens, kMaxTokens - other_tokens + 1)) {
    return Error::kTooManyFlags;
  }
  const Error error = request.key.size() <= kMaxKeyBytes
                          ? ParseMetaFlags(request.flag_tokens, request)
                          : Error::kBadLine;
  // ma has one text for nearly all that can be wrong with its line.
  if (request.op == Op::kArithmetic && error != Error::kNone &&
      error != Error::kBadArithmeticMode) {
    return Error::kInvalidOrDuplicateFlag;
  }
  return error;
}

/// <key> <datalen> <flag>*
ParseResult ParseMetaStore(const CommandLine& line, Tokenizer& tokens, Request& request) {
  const std::optional<uint64_t> value_bytes = ParseValueBytes(tokens.Next());
  if (!value_bytes.has_value()) {
    return RefuseUnknownBody(line, false, request);
  }
  request.value_bytes = *value_bytes;
  request.flag_tokens = tokens.Rest();
  const Error error = ParseKeyAndFlags(3, request);
  return error == Error::kNone ? TakeBody(line, request) : RefuseBody(line, error, false, request);
}

}  // namespace

ParseResult ParseMeta(const CommandLine& line, Request& request) {
  if (request.op == Op::kNoop) {
    return Accept(line);
  }
  Tokenizer tokens(line.arguments);
  request.key = tokens.Next();
  if (request.op == Op::kStore) {
    return ParseMetaStore(line, tokens, request);
  }
  request.flag_tokens = tokens.Rest();
  const Error error = ParseKeyAndFlags(2, request);
  return error == Error::kNone ? Accept(line) : Refuse(line, error, false, request);
}

}  // namespace quarry::protocol
