#include "daemon/command/session.h"

#include <algorithm>
#include <utility>

#include "daemon/command/executor.h"
#include "daemon/command/large_store.h"
#include "daemon/command/parse_batch.h"
#include "protocol/login_line.h"
#include "protocol/words.h"

namespace quarry::command {
namespace {

/// A session that asks no more than this at once may share a batch.
constexpr size_t kFewRequests = 8;

}  // namespace

Session::Session(Executor& executor, WakeUp wake, int descriptor)
    : executor_(executor),
      conversation_(wake, descriptor),
      accepted_forms_(executor.accepted_forms()) {
  conversation_.logged_in = !executor.requires_login();
}

Session::~Session() = default;

inline Session::Step Session::WantBytes(size_t consumed, size_t wanted_bytes) {
  wanted_bytes_ = wanted_bytes;
  return {consumed, Next::kRead};
}

/// True where others are to have their turn: what a few bytes of input ask for may be the copying
/// of a large value. Begins to count anew.
inline bool Session::HasCopiedMuch() {
  const bool is_much = conversation_.copied_bytes >= Executor::kMaxCopiedBytes;
  conversation_.copied_bytes = is_much ? 0 : conversation_.copied_bytes;
  return is_much;
}

/// Everything in the batch is carried out, and nothing else behind it is to be.
inline Session::Step Session::EndBatch(std::string_view rest, size_t consumed) {
  if (consumed < rest.size() || conversation_.long_reply != nullptr) {
    return {consumed, std::nullopt};
  }
  Step step = WantBytes(consumed, 1);
  step.had_few = executor_.batch().size() <= kFewRequests;
  return step;
}

[[gnu::always_inline]] inline Session::Step Session::ConsumeBatch(std::string_view rest,
                                                                  ReplyBuffer& replies) {
  Batch& batch = executor_.batch();
  batch.Clear();
  const size_t plain_bytes = AddPlain(rest, parser_, batch);
  if (plain_bytes < rest.size() && !batch.full()) {
    return ConsumeAny(plain_bytes, rest, replies);
  }
  const Executor::Executed executed = executor_.ExecuteBatch(replies, conversation_);
  if (executed.count < batch.size()) [[unlikely]] {
    return Repeat(executed.count, executed.must_wait, rest, replies);
  }
  return EndBatch(rest, plain_bytes);
}

inline Session::Step Session::Advance(std::string_view rest, ReplyBuffer& replies) {
  if (IsOccupied()) [[unlikely]] {
    return GoOn(rest, replies);
  }
  if (rest.empty()) {
    return WantBytes(0, 1);
  }
  if (!replies.HasRoom(Executor::kMaxLineReplyBytes)) {
    return {0, Next::kFlush};
  }
  return ConsumeBatch(rest, replies);
}

Session::Progress Session::Consume(std::string_view input, ReplyBuffer& replies) {
  executor_.ReadClock();
  if (!begun_ && !input.empty()) [[unlikely]] {
    if (const std::optional<Next> next = Begin(input.front())) {
      return {0, *next};
    }
  }
  size_t consumed = 0;
  for (;;) {
    const Step step = Advance(input.substr(consumed), replies);
    consumed += step.consumed;
    if (step.next.has_value()) {
      input_left_ = consumed < input.size();
      return {consumed, *step.next, step.had_few && step.consumed == input.size()};
    }
  }
}

Batch::Range Session::AddTo(Batch& batch, std::string_view input) {
  const size_t begin = batch.size();
  if (!IsOccupied()) [[likely]] {
    AddWhole(input, parser_, batch);
  }
  return {begin, batch.size()};
}

Session::Progress Session::Answer(Batch::Range requests, std::string_view input,
                                  ReplyBuffer& replies) {
  const Executor::Executed executed = executor_.Execute(requests, replies, conversation_);
  Progress progress = {.consumed = input.size(), .asked_little = requests.size() <= kFewRequests};
  if (executed.count < requests.size()) [[unlikely]] {
    progress.consumed = ParseAgain(input, executed.count, parser_);
  }
  if (executed.must_wait) [[unlikely]] {
    conversation_.ticket.Release();  // Consume asks again, if the replies are read: see Wait
  }
  if (HasCopiedMuch()) [[unlikely]] {
    progress.next = Next::kYield;
  }
  return progress;
}

/// What the first byte of all decides; what is to be done where that is not to go on.
std::optional<Session::Next> Session::Begin(char first) {
  begun_ = true;
  const auto form = protocol::WireFormOf(accepted_forms_, first);
  if (!form) {
    return Next::kClose;
  }
  parser_.form = *form;
  if (!conversation_.logged_in && !executor_.has_login(*form)) {
    return Next::kClose;
  }
  return std::nullopt;
}

/// With what comes before the next requests.
Session::Step Session::GoOn(std::string_view rest, ReplyBuffer& replies) {
  if (swallow_bytes_ > 0) {
    return Swallow(rest);
  }
  const bool needs_input = large_store_ == nullptr && conversation_.long_reply == nullptr;
  if (rest.empty() && needs_input) {
    return WantBytes(0, 1);
  }
  if (!replies.HasRoom(Executor::kMaxLineReplyBytes)) {
    return {0, Next::kFlush};
  }
  if (conversation_.long_reply != nullptr) {
    return ContinueLongReply(rest, replies);
  }
  if (!conversation_.logged_in) {
    return parser_.form == protocol::WireForm::kText ? LogIn(rest, replies)
                                                     : LogInByPacket(rest, replies);
  }
  return ContinueLargeStore(rest, replies);
}

/// One request of a client that must log in first.
Session::Step Session::LogIn(std::string_view rest, ReplyBuffer& replies) {
  const protocol::LoginRequest request = protocol::ParseLogin(rest);
  switch (request.action) {
    case protocol::LoginAction::kNeedMore:
      return WantBytes(0, request.wanted_bytes);
    case protocol::LoginAction::kQuit:
      return {0, Next::kClose};
    case protocol::LoginAction::kTry:
      conversation_.logged_in = executor_.LogIn(request.user, request.password);
      replies.Append(conversation_.logged_in ? protocol::kStored
                                             : ErrorLine(protocol::Error::kAuthenticationFailure));
      break;
    case protocol::LoginAction::kRefuse:
      replies.Append(ErrorLine(request.error));
      break;
  }
  swallow_bytes_ = request.swallow_bytes;
  const bool must_close = request.close_if_more && request.consumed < rest.size();
  return {request.consumed, must_close ? std::optional(Next::kClose) : std::nullopt};
}

/// The same in binary, where what is refused also ends the conversation.
Session::Step Session::LogInByPacket(std::string_view rest, ReplyBuffer& replies) {
  protocol::Request request;
  const protocol::ParseResult result =
      protocol::ParseBinary(rest.substr(0, kMaxBufferedBytes), request);
  if (result.status == protocol::ParseStatus::kNeedMore) {
    return WantBytes(0, rest.size() + 1);
  }
  if (result.status == protocol::ParseStatus::kClose) {
    return {0, Next::kClose};
  }
  executor_.ExecuteBeforeLogin(request, replies, conversation_);
  swallow_bytes_ = result.swallow_bytes;
  const bool goes_on = request.op == protocol::Op::kSasl || request.op == protocol::Op::kVersion;
  return {result.consumed, goes_on ? std::nullopt : std::optional(Next::kClose)};
}

/// A batch whose first `plain_bytes` bytes are parsed already, and in which anything can follow.
Session::Step Session::ConsumeAny(size_t plain_bytes, std::string_view rest, ReplyBuffer& replies) {
  const protocol::ParserState parser_before = parser_;
  const ParsedBatch parsed = ParseBatch(rest, plain_bytes, parser_, executor_.batch());
  const Executor::Executed executed = executor_.ExecuteBatch(replies, conversation_);
  if (executed.count < executor_.batch().size()) {
    parser_ = parser_before;
    return Repeat(executed.count, executed.must_wait, rest, replies);
  }
  swallow_bytes_ = parsed.swallow_bytes;
  if (parsed.end != BatchEnd::kClose && HasCopiedMuch()) {
    return {parsed.consumed, Next::kYield};
  }
  switch (parsed.end) {
    case BatchEnd::kMoreInput:
      if (parsed.ends_costly && parsed.consumed < rest.size()) {
        return {parsed.consumed, Next::kYield};  // one of these is a turn's work
      }
      return EndBatch(rest, parsed.consumed);
    case BatchEnd::kIncomplete:
      return WantBytes(parsed.consumed, parsed.wanted_bytes);
    case BatchEnd::kLargeStore:
      return BeginLargeStore(parsed.store_line_bytes, replies);
    case BatchEnd::kClose:
      break;
  }
  return {parsed.consumed, Next::kClose};
}

/// The batch was carried out in part: the rest of it is to come once more. The parser stands where
/// the batch begins.
Session::Step Session::Repeat(size_t executed_count, bool must_wait, std::string_view rest,
                              const ReplyBuffer& replies) {
  const size_t consumed = ParseAgain(rest, executed_count, parser_);
  if (must_wait) {
    return Wait(consumed, replies);
  }
  return {consumed, HasCopiedMuch() ? Next::kYield : Next::kFlush};
}

/// The store stands in batch().next(), and there is room for a line of reply.
Session::Step Session::BeginLargeStore(size_t line_bytes, ReplyBuffer& replies) {
  const protocol::Request& request = executor_.batch().next();
  if (executor_.RefuseTooLarge(request, replies, conversation_)) {
    swallow_bytes_ = request.value_bytes + protocol::TerminatorBytes(request);
  } else {
    large_store_ = std::make_unique<LargeStore>(executor_.engine(), request, conversation_.ticket);
    ++upload_count_;
  }
  return {line_bytes, std::nullopt};
}

Session::Step Session::ContinueLargeStore(std::string_view rest, ReplyBuffer& replies) {
  if (large_store_->state() == LargeStore::State::kWaiting) {
    large_store_->Admit(executor_.moment().now);
    if (large_store_->state() == LargeStore::State::kWaiting) {
      return Wait(0, replies);
    }
  }
  size_t received = 0;
  if (large_store_->state() == LargeStore::State::kReceiving) {
    received = large_store_->Receive(rest);
  }
  switch (large_store_->state()) {
    case LargeStore::State::kNoMemory:
      EndLargeStore(protocol::Error::kOutOfMemoryStoring, replies);
      return {received, std::nullopt};
    case LargeStore::State::kComplete: {
      const Step step = FinishLargeStore(rest.substr(received), replies);
      return {received + step.consumed, step.next};
    }
    case LargeStore::State::kWaiting:
    case LargeStore::State::kReceiving:
      break;
  }
  return WantBytes(received, 1);
}

Session::Step Session::FinishLargeStore(std::string_view rest, ReplyBuffer& replies) {
  const size_t terminator_bytes = protocol::TerminatorBytes(large_store_->request());
  if (rest.size() < terminator_bytes) {
    return WantBytes(0, terminator_bytes);
  }
  if (protocol::kCrlf.starts_with(rest.substr(0, terminator_bytes))) {
    executor_.StoreUpload(*large_store_, replies, conversation_);
  } else {
    executor_.ReplyError(large_store_->request(), protocol::Error::kBadDataChunk, replies);
  }
  large_store_.reset();
  return {terminator_bytes, HasCopiedMuch() ? std::optional(Next::kYield) : std::nullopt};
}

void Session::EndLargeStore(protocol::Error error, ReplyBuffer& replies) {
  executor_.RefuseUpload(*large_store_, error, replies, conversation_);
  swallow_bytes_ =
      large_store_->remaining_bytes() + protocol::TerminatorBytes(large_store_->request());
  large_store_.reset();
}

/// For room in the engine, which has been asked for. Nobody who waits for it keeps some of it: what
/// is pinned by earlier replies is sent first, and meanwhile the place in the queue is given up. So
/// it is for other replies: who does not read them is not to be given room that others wait for.
Session::Step Session::Wait(size_t consumed, const ReplyBuffer& replies) {
  if (!replies.empty()) {
    conversation_.ticket.Release();
    return {consumed, Next::kFlush};
  }
  return {consumed, Next::kWait};
}

/// What there is goes out before more is asked for, so that the reply buffer is the only memory.
Session::Step Session::ContinueLongReply(std::string_view rest, ReplyBuffer& replies) {
  const size_t ignored = ignores_input() ? rest.size() : 0;
  switch (conversation_.long_reply->Continue(replies, executor_.moment())) {
    case LongReply::Progress::kMore:
      return {ignored, Next::kYield};
    case LongReply::Progress::kWait:
      return {ignored, replies.empty() ? Next::kWait : Next::kFlush};
    case LongReply::Progress::kDone:
      break;
  }
  conversation_.long_reply.reset();
  return {0, std::nullopt};
}

Session::Step Session::Swallow(std::string_view rest) {
  const size_t dropped = std::min<uint64_t>(rest.size(), swallow_bytes_);
  swallow_bytes_ -= dropped;
  if (swallow_bytes_ > 0) {
    return WantBytes(dropped, 1);
  }
  return {dropped, std::nullopt};
}

bool Session::IsReceiving() const {
  return large_store_->state() == LargeStore::State::kReceiving;
}

bool Session::IsUploadAwaited() const {
  return large_store_ != nullptr && large_store_->state() != LargeStore::State::kWaiting &&
         executor_.IsAwaited(core::ClaimKind::kUpload);
}

bool Session::AreValuesAwaited() const {
  return executor_.IsAwaited(core::ClaimKind::kPin);
}

void Session::EndSlowUpload(ReplyBuffer& replies) {
  executor_.ReadClock();
  EndLargeStore(protocol::Error::kUploadTooSlow, replies);
}

uint64_t Session::body_bytes() const {
  return large_store_->request().value_bytes;
}

uint64_t Session::missing_body_bytes() const {
  return large_store_->remaining_bytes();
}

size_t Session::BodySpace(std::span<std::span<char>> spaces, uint64_t wanted_bytes) {
  return large_store_->Space(spaces, wanted_bytes);
}

void Session::BodyReceived(size_t bytes) {
  large_store_->Advance(bytes);
}

bool Session::idle() const {
  return large_store_ == nullptr && conversation_.long_reply == nullptr && !parser_.line.active &&
         !input_left_;
}

}  // namespace quarry::command
