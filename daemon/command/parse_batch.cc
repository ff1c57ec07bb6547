#include "daemon/command/parse_batch.h"

#include "daemon/command/session.h"
#include "protocol/plain_line.h"
#include "protocol/plain_packet.h"

namespace quarry::command {

using protocol::Op;
using protocol::ParseResult;
using protocol::ParseStatus;
using protocol::Request;

namespace {

/// What the parser is shown of the request that begins at `begin`: so much that it depends on the
/// request alone, and not on how much of a large value has come along, whether a body counts as
/// there.
std::string_view Window(std::string_view input, size_t begin) {
  return input.substr(begin, Session::kMaxBufferedBytes);
}

/// True for a store whose value goes through item memory rather than the read buffer.
bool IsLarge(const Request& request) {
  return request.op == Op::kStore && request.value_bytes > core::Engine::kMaxSmallValueBytes;
}

bool IsLarge(const protocol::PlainRequest& request) {
  return request.is_set() && request.value.size() > core::Engine::kMaxSmallValueBytes;
}

/// True for what goes through all shards, or has a long reply.
bool IsCostly(Op op) {
  switch (op) {
    case Op::kStats:
    case Op::kFlushAll:
    case Op::kMemoryLimit:
    case Op::kSlabs:
    case Op::kCrawler:
      return true;
    default:
      return false;
  }
}

/// True for what reports or changes more than its own key: nothing behind it shares its batch.
bool IsBarrier(Op op) {
  switch (op) {
    case Op::kQuit:
    case Op::kSasl:
    case Op::kVerbosity:
    case Op::kLruMode:
    case Op::kTemporaryTtl:
    case Op::kLruTune:
    case Op::kWatch:
    case Op::kRefreshCertificates:
    case Op::kShutdown:
      return true;
    default:
      return IsCostly(op);
  }
}

/// Adds the request in batch.next(), parsed from input.substr(parsed.consumed). False where the
/// batch ends with it.
bool AddRequest(std::string_view input, const ParseResult& result, Batch& batch,
                ParsedBatch& parsed) {
  const Request& request = batch.next();
  const Op op = request.op;
  if (op == Op::kGet && request.dialect == protocol::Dialect::kClassic && !request.touch) {
    batch.next_plain() = {.kind = protocol::PlainRequest::Kind::kGet,
                          .want_cas = request.want_cas,
                          .ends_line = request.ends_line,
                          .key = request.key};
    batch.AddPlain();
  } else {
    batch.Add();
  }
  parsed.consumed += result.consumed;
  parsed.swallow_bytes = result.swallow_bytes;
  if (op == Op::kQuit || result.close || (result.close_if_more && parsed.consumed < input.size())) {
    parsed.end = BatchEnd::kClose;
    return false;
  }
  parsed.ends_costly = IsCostly(op);
  parsed.ends_alone = IsBarrier(op);
  return result.swallow_bytes == 0 && !parsed.ends_alone;
}

/// Ends the batch before a large store, whose line begins `rest`.
void EndBeforeLargeStore(std::string_view rest, const ParseResult& result, Batch& batch,
                         ParsedBatch& parsed) {
  if (!batch.empty()) {
    return;
  }
  parsed.end = BatchEnd::kLargeStore;
  parsed.store_line_bytes = result.status == ParseStatus::kNeedBody
                                ? result.consumed
                                : static_cast<size_t>(batch.next().value.data() - rest.data());
}

/// Ends the batch before a small store whose body is not all there.
void EndBeforeBody(const ParseResult& result, Batch& batch, ParsedBatch& parsed) {
  Request& request = batch.next();
  const size_t body_bytes = request.value_bytes + protocol::TerminatorBytes(request);
  parsed.wanted_bytes = result.consumed + body_bytes;
  parsed.end = BatchEnd::kIncomplete;
  if (parsed.wanted_bytes > Session::kMaxBufferedBytes) {
    // Only a line padded beyond every sensible length gets here: it is refused rather than
    // buffered.
    request = {.op = Op::kError,
               .dialect = request.dialect,
               .error = protocol::Error::kBadLine,
               .quiet = request.quiet};
    batch.Add();
    parsed.consumed += result.consumed;
    parsed.swallow_bytes = body_bytes;
    parsed.end = BatchEnd::kMoreInput;
  }
}

/// Adds the requests at the front of `input` that `Parse` takes, which is given `state` as well;
/// returns their bytes.
template <auto Parse, typename... State>
size_t AddWhilePlain(std::string_view input, Batch& batch, State&... state) {
  const char* const end = input.data() + input.size();
  const char* at = input.data();
  while (at != end && !batch.full()) {
    const char* const request_end = Parse(at, end, batch.next_plain(), state...);
    if (request_end == nullptr || IsLarge(batch.next_plain())) {
      break;
    }
    batch.AddPlain();
    at = request_end;
  }
  return static_cast<size_t>(at - input.data());
}

/// AddWhole where not all requests are plain: `before` is what was in the batch.
[[gnu::noinline]] void AddRest(std::string_view input, size_t plain_bytes, Batch::Mark before,
                               protocol::ParserState& state, Batch& batch) {
  if (state.line.active) {
    return;
  }
  const protocol::ParserState state_before = state;
  const ParsedBatch parsed = ParseBatch(input, plain_bytes, state, batch);
  const bool is_whole = parsed.end == BatchEnd::kMoreInput && parsed.consumed == input.size() &&
                        parsed.swallow_bytes == 0 && !parsed.ends_alone && !state.line.active;
  if (!is_whole) {
    state = state_before;
    batch.BackTo(before);
  }
}

}  // namespace

size_t AddPlain(std::string_view input, const protocol::ParserState& state, Batch& batch) {
  if (state.form == protocol::WireForm::kBinary) {
    return AddWhilePlain<protocol::ParsePlainPacket>(input, batch);
  }
  return state.line.active ? 0 : AddWhilePlain<protocol::ParsePlainLine>(input, batch);
}

ParsedBatch ParseBatch(std::string_view input, size_t plain_bytes, protocol::ParserState& state,
                       Batch& batch) {
  ParsedBatch parsed;
  parsed.consumed = plain_bytes;
  while (!batch.full() && parsed.consumed < input.size()) {
    const std::string_view rest = Window(input, parsed.consumed);
    const ParseResult result = protocol::Parse(rest, state, batch.next());
    switch (result.status) {
      case ParseStatus::kClose:
        parsed.end = BatchEnd::kClose;
        return parsed;
      case ParseStatus::kNeedMore:
        parsed.consumed += result.consumed;
        if (result.consumed == 0 || parsed.consumed == input.size()) {
          parsed.end = BatchEnd::kIncomplete;
          parsed.wanted_bytes = input.size() - parsed.consumed + 1;
        }
        return parsed;
      case ParseStatus::kRequest:
      case ParseStatus::kNeedBody:
        break;
    }
    if (IsLarge(batch.next())) {
      EndBeforeLargeStore(rest, result, batch, parsed);
      return parsed;
    }
    if (result.status == ParseStatus::kNeedBody) {
      EndBeforeBody(result, batch, parsed);
      return parsed;
    }
    if (!AddRequest(input, result, batch, parsed)) {
      return parsed;
    }
    const std::string_view behind = input.substr(parsed.consumed);
    parsed.consumed += state.line.active
                           ? AddWhilePlain<protocol::ParsePlainKey>(behind, batch, state.line)
                           : AddPlain(behind, state, batch);
  }
  return parsed;
}

void AddWhole(std::string_view input, protocol::ParserState& state, Batch& batch) {
  const Batch::Mark before = batch.mark();
  const size_t plain_bytes = AddPlain(input, state, batch);
  if (plain_bytes < input.size()) {
    AddRest(input, plain_bytes, before, state, batch);
  }
}

size_t ParseAgain(std::string_view input, size_t count, protocol::ParserState& state) {
  Request request;
  size_t consumed = 0;
  for (size_t i = 0; i < count; ++i) {
    consumed += protocol::Parse(Window(input, consumed), state, request).consumed;
  }
  return consumed;
}

}  // namespace quarry::command
