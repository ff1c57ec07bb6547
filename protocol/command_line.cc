#include "protocol/command_line.h"

#include "core/base/numbers.h"
#include "protocol/words.h"

namespace quarry::protocol {
namespace {

constexpr uint64_t kMaxValueBytes = INT32_MAX - kCrlf.size();

}  // namespace

ParseResult Accept(const CommandLine& line) {
  return {.status = ParseStatus::kRequest, .consumed = line.line_bytes};
}

ParseResult Refuse(const CommandLine& line, Error error, bool quiet, Request& request) {
  request = {.op = Op::kError, .dialect = request.dialect, .error = error, .quiet = quiet};
  return Accept(line);
}

ParseResult RefuseUnknownBody(const CommandLine& line, bool quiet, Request& request) {
  ParseResult result = Refuse(line, Error::kBadLine, quiet, request);
  result.close_if_more = true;
  return result;
}

ParseResult RefuseBody(const CommandLine& line, Error error, bool quiet, Request& request) {
  const uint64_t body_bytes = request.value_bytes + kCrlf.size();
  ParseResult result = Refuse(line, error, quiet, request);
  result.swallow_bytes = body_bytes;
  return result;
}

std::optional<uint64_t> ParseValueBytes(std::string_view digits) {
  const std::optional<uint64_t> value_bytes = ParseU64(digits);
  return value_bytes <= kMaxValueBytes ? value_bytes : std::nullopt;
}

ParseResult TakeBody(const CommandLine& line, Request& request) {
  const std::string_view behind = line.input.substr(line.line_bytes);
  const uint64_t body_bytes = request.value_bytes + kCrlf.size();
  if (behind.size() < body_bytes) {
    return {.status = ParseStatus::kNeedBody, .consumed = line.line_bytes};
  }
  ParseResult result = Accept(line);
  if (behind.substr(request.value_bytes, kCrlf.size()) != kCrlf) {
    // q hides outcomes, noreply hides errors as well.
    const bool quiet = request.quiet && request.dialect == Dialect::kClassic;
    result = Refuse(line, Error::kBadDataChunk, quiet, request);
  } else {
    request.value = behind.substr(0, request.value_bytes);
  }
  result.consumed += body_bytes;
  return result;
}

}  // namespace quarry::protocol
