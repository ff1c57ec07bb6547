#include "daemon/command/executor.h"

#include "daemon/command/commands.h"
#include "daemon/command/large_store.h"
#include "daemon/command/options_from_request.h"
#include "protocol/binary_reply.h"

namespace quarry::command {

using protocol::Op;
using protocol::Request;

namespace {

static_assert(protocol::kValueHeadRoom + protocol::kCrlf.size() <= Executor::kMaxLineReplyBytes);
static_assert(protocol::kMetaLineRoom + protocol::kNumberLineRoom <= Executor::kMaxLineReplyBytes);
static_assert(protocol::kInspectionRoom <= Executor::kMaxLineReplyBytes);
static_assert(protocol::kPacketRoom <= Executor::kMaxLineReplyBytes);
static_assert(Executor::kMaxLineReplyBytes + core::Engine::kMaxSmallValueBytes +
                  protocol::kCrlf.size() + protocol::kEnd.size() <=
              Executor::kMaxValueReplyBytes);

/// The room that is sure to suffice for the reply to `request`.
size_t RoomFor(const Request& request) {
  const bool may_return_value = request.op == Op::kGet && request.want_value;
  return may_return_value ? Executor::kMaxValueReplyBytes : Executor::kMaxLineReplyBytes;
}

void CarryOut(const Call& call) {
  switch (call.request.op) {
    case Op::kEndOfGet:
      return EndGet(call);
    case Op::kStore:
      return Store(call);
    case Op::kDelete:
      return Delete(call);
    case Op::kArithmetic:
      return Arithmetic(call);
    case Op::kTouch:
      return Touch(call);
    case Op::kInspect:
      return Inspect(call);
    case Op::kNoop:
      return Noop(call);
    case Op::kFlushAll:
      return FlushAll(call);
    case Op::kVersion:
      return Version(call);
    case Op::kVerbosity:
      return Verbosity(call);
    case Op::kMemoryLimit:
      return MemoryLimit(call);
    case Op::kLruMode:
      return LruMode(call);
    case Op::kTemporaryTtl:
      return TemporaryTtl(call);
    case Op::kLruTune:
      return LruTune(call);
    case Op::kSlabs:
      return Slabs(call);
    case Op::kCrawler:
      return ControlCrawler(call);
    case Op::kWatch:
      return Watch(call);
    case Op::kStats:
      return Stats(call);
    case Op::kRefreshCertificates:
      return RefreshCertificates(call);
    case Op::kShutdown:
      return Shutdown(call);
    case Op::kSasl:
      return Sasl(call);
    case Op::kQuit:
      return Quit(call);
    case Op::kGet:  // see ExecuteFrom
      return;
    case Op::kError:
      return ReplyError(call.request, call.request.error, call.replies);
  }
}

}  // namespace

Executor::Executed Executor::ExecuteFrom(size_t count, Batch::Range range, ReplyBuffer& replies,
                                         Conversation& conversation) {
  RequestObserver* const observer = PresentObserver();
  for (size_t i = range.begin + count; i < range.end; ++i) {
    const Request& request = batch_.request(i);
    if (!replies.HasRoom(RoomFor(request))) {
      return {.count = i - range.begin};
    }
    const Call call = {context_, counters_, reads_,       request, batch_.key(i),
                       moment(), replies,   conversation, observer};
    if (observer != nullptr) [[unlikely]] {
      observer->Begin(call);
    }
    if (request.op != Op::kGet) {
      CarryOut(call);
    } else if (!Get(call)) {
      return {.count = i - range.begin, .must_wait = true};
    }
    if (conversation.copied_bytes >= kMaxCopiedBytes) [[unlikely]] {
      return {.count = i + 1 - range.begin};
    }
    if (i + 1 < range.end && batch_.IsPlain(i + 1)) {
      i += ExecutePlain({i + 1, range.end}, replies, conversation);
    }
  }
  return {.count = range.size()};
}

Call Executor::CallOf(const Request& request, const core::Key& key, ReplyBuffer& replies,
                      Conversation& conversation) {
  return {context_, counters_, reads_,       request,          key,
          moment(), replies,   conversation, PresentObserver()};
}

void Executor::StoreUpload(LargeStore& store, ReplyBuffer& replies, Conversation& conversation) {
  const Call call = CallOf(store.request(), store.key(), replies, conversation);
  if (call.observer != nullptr) {
    call.observer->Begin(call);
  }
  command::StoreUpload(call, store.TakeUpload());
}

bool Executor::RefuseTooLarge(const Request& request, ReplyBuffer& replies,
                              Conversation& conversation) {
  KeyScratch scratch;
  const core::Key key = KeyOf(engine(), request, scratch);
  if (!engine().IsTooLarge(key.bytes.size(), request.value_bytes)) {
    return false;
  }
  RefuseStore(CallOf(request, key, replies, conversation), core::StoreOutcome::kTooLarge);
  ReplyError(request, protocol::Error::kTooLarge, replies);
  return true;
}

bool Executor::LogIn(std::string_view user, std::string_view password) {
  const bool accepted = context_.text_users->Accepts(user, password);
  CountLogin(counters_, accepted);
  return accepted;
}

void Executor::ExecuteBeforeLogin(const Request& request, ReplyBuffer& replies,
                                  Conversation& conversation) {
  const core::Key no_key;
  const Call call = CallOf(request, no_key, replies, conversation);
  switch (request.op) {
    case Op::kSasl:
      return Sasl(call);
    case Op::kVersion:
      return Version(call);
    case Op::kQuit:
      return Quit(call);
    default:
      return ReplyPacket(call, protocol::BinaryStatus::kAuthError);
  }
}

void Executor::RefuseUpload(const LargeStore& store, protocol::Error error, ReplyBuffer& replies,
                            Conversation& conversation) {
  RefuseStore(CallOf(store.request(), store.key(), replies, conversation),
              core::StoreOutcome::kNoMemory);
  ReplyError(store.request(), error, replies);
}

void Executor::ReplyError(const Request& request, protocol::Error error, ReplyBuffer& replies) {
  command::ReplyError(request, error, replies);
}

}  // namespace quarry::command
