#include "protocol/retrieval_line.h"

#include <algorithm>
#include <optional>

#include "core/base/numbers.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

/// True when one of the tokens of `keys` is too long for a key.
bool HasLongKey(std::string_view keys) {
  if (keys.size() <= kMaxKeyBytes) {
    return false;
  }
  Tokenizer tokens(keys);
  for (std::string_view key = tokens.Next(); !key.empty(); key = tokens.Next()) {
    if (key.size() > kMaxKeyBytes) {
      return true;
    }
  }
  return false;
}

/// Yields the first key of the line that `state` has begun, of which `name_and_options` bytes have
/// been parsed.
ParseResult Enter(std::string_view input, size_t name_and_options, RetrievalLine& state,
                  Request& request) {
  ParseResult result = NextKey(input.substr(name_and_options), state, request);
  result.consumed += name_and_options;
  return result;
}

ParseResult RefuseKey(size_t consumed, Request& request) {
  request = {.op = Op::kError, .error = Error::kBadLine};
  return {.status = ParseStatus::kRequest, .consumed = consumed};
}

ParseResult EndLine(size_t consumed, RetrievalLine& state, Request& request) {
  state.active = false;
  if (!state.any_key) {
    return RefuseKey(consumed, request);
  }
  request = {.op = Op::kEndOfGet};
  return {.status = ParseStatus::kRequest, .consumed = consumed};
}

}  // namespace

ParseResult ParseRetrieval(const Command& command, const CommandLine& line, RetrievalLine& state,
                           Request& request) {
  RetrievalLine begun = {.prototype = &command.prototype, .active = true};
  Tokenizer tokens(line.arguments);
  if (command.prototype.touch) {
    const std::optional<int32_t> exptime = ParseI32(tokens.Next());
    if (!exptime.has_value()) {
      return Refuse(line, Error::kInvalidExptime, false, request);
    }
    begun.exptime = *exptime;
  }
  const std::string_view keys = tokens.Rest();
  if (HasLongKey(keys)) {
    return Refuse(line, Error::kBadLine, false, request);
  }
  state = begun;
  return Enter(line.input, static_cast<size_t>(keys.data() - line.input.data()), state, request);
}

ParseResult StreamRetrieval(const Command& command, std::string_view input, RetrievalLine& state,
                            Request& request) {
  state = {.prototype = &command.prototype, .active = true};
  return Enter(input, command.name.size(), state, request);
}

ParseResult NextKey(std::string_view input, RetrievalLine& state, Request& request) {
  const size_t begin = std::min(input.find_first_not_of(' '), input.size());
  const std::string_view text = input.substr(begin);
  // The longest key, its space or line end, and nothing else.
  const size_t limit = std::min(text.size(), kMaxKeyBytes + 2);
  const size_t end = FindFirst<' ', '\n'>(text.substr(0, limit));
  if (end == limit && limit < kMaxKeyBytes + 2) {
    return {.status = ParseStatus::kNeedMore, .consumed = begin};
  }
  const bool last = end < limit && text[end] == '\n';
  std::string_view key = text.substr(0, end);
  if (last && key.ends_with('\r')) {
    key.remove_suffix(1);
  }
  if (key.empty()) {
    return EndLine(begin + end + 1, state, request);
  }
  if (key.size() > kMaxKeyBytes) {
    state.skip_to_end = true;
    return RefuseKey(begin + end, request);
  }
  state.any_key = true;
  state.active = !last;
  request = *state.prototype;
  request.exptime = state.exptime;
  request.key = key;
  request.ends_line = last;
  return {.status = ParseStatus::kRequest, .consumed = begin + end + (last ? 1 : 0)};
}

}  // namespace quarry::protocol
