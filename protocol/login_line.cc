#include "protocol/login_line.h"

#include <optional>

#include "protocol/command_line.h"
#include "protocol/command_table.h"
#include "protocol/text_parser.h"
#include "protocol/tokenizer.h"
#include "protocol/words.h"

namespace quarry::protocol {
namespace {

constexpr uint64_t kMaxTokenBytes = 16384;

/// Shorter lines, their end included, are no command: they come from no client.
constexpr size_t kMinLineBytes = 6;

constexpr std::string_view kLogin = "set";
constexpr std::string_view kQuitName = "quit";
constexpr size_t kTokensBeforeLength = 3;

LoginRequest Refuse(Error error, size_t consumed, uint64_t swallow_bytes = 0) {
  return {.action = LoginAction::kRefuse,
          .error = error,
          .consumed = consumed,
          .swallow_bytes = swallow_bytes};
}

/// Any line but a login and quit. What its body is, only its own parser knows.
LoginRequest RefuseCommand(std::string_view line) {
  const Command* command = FindCommand(line.substr(0, line.find_first_of(" \r\n")));
  LoginRequest refusal = Refuse(Error::kUnauthenticated, line.size());
  if (command != nullptr && command->prototype.op == Op::kGet) {
    return refusal;  // each key would be a request of its own
  }
  RetrievalLine state;
  Request request;
  const ParseResult result = ParseText(line, state, request);
  if (result.status == ParseStatus::kClose) {
    return {.action = LoginAction::kQuit};
  }
  refusal.swallow_bytes = result.status == ParseStatus::kNeedBody
                              ? request.value_bytes + kCrlf.size()
                              : result.swallow_bytes;
  refusal.close_if_more = result.close_if_more;
  return refusal;
}

/// The token that a set of `length` bytes carries, behind a line of `line_bytes` bytes.
LoginRequest ParseToken(std::string_view input, size_t line_bytes, uint64_t length) {
  const uint64_t body_bytes = length + kCrlf.size();
  if (length > kMaxTokenBytes) {
    return Refuse(Error::kTokenTooLong, line_bytes, body_bytes);
  }
  if (length > kMaxCredentialBytes) {
    return {.action = LoginAction::kTry, .consumed = line_bytes, .swallow_bytes = body_bytes};
  }
  const size_t request_bytes = line_bytes + body_bytes;
  if (input.size() < request_bytes) {
    return {.wanted_bytes = request_bytes};
  }
  const std::string_view token = input.substr(line_bytes, length);
  if (input.substr(line_bytes + length, kCrlf.size()) != kCrlf) {
    return Refuse(Error::kBadTokenEnd, request_bytes);
  }
  const size_t space = token.find(' ');
  if (space == std::string_view::npos) {
    return Refuse(Error::kBadTokenFormat, request_bytes);
  }
  return {.action = LoginAction::kTry,
          .consumed = request_bytes,
          .user = token.substr(0, space),
          .password = token.substr(space + 1)};
}

/// The line without its end.
std::string_view TextOf(std::string_view line) {
  line.remove_suffix(1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

LoginRequest ParseLogin(std::string_view input) {
  const size_t newline = input.substr(0, kMaxLineBytes + 1).find('\n');
  if (newline == std::string_view::npos) {
    return input.size() > kMaxLineBytes ? LoginRequest{.action = LoginAction::kQuit}
                                        : LoginRequest{.wanted_bytes = input.size() + 1};
  }
  const std::string_view line = input.substr(0, newline + 1);
  Tokenizer tokens(TextOf(line));
  const std::string_view name = tokens.Next();
  if (name == kQuitName || line.size() < kMinLineBytes) {
    return {.action = LoginAction::kQuit};
  }
  if (name == kLogin) {
    for (size_t i = 0; i < kTokensBeforeLength; ++i) {
      tokens.Next();
    }
    if (const std::optional<uint64_t> length = ParseValueBytes(tokens.Next())) {
      return ParseToken(input, line.size(), *length);
    }
  }
  return RefuseCommand(line);
}

}  // namespace quarry::protocol
