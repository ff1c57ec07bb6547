#include "core/base/numbers.h"
#include "daemon/command/commands.h"
#include "protocol/binary_reply.h"

namespace quarry::command {

using core::ArithmeticOutcome;
using core::ArithmeticResult;
using protocol::BinaryStatus;
using protocol::Dialect;
using protocol::Error;
using protocol::MetaItem;

namespace {

constexpr Status kNotFound{protocol::kNotFound, protocol::kMetaNotFound, BinaryStatus::kNotFound};
constexpr Status kExists{protocol::kExists, protocol::kMetaExists, BinaryStatus::kExists};

char* WriteMetaNumber(char* out, const Call& call, const ArithmeticResult& result) {
  char digits[kMaxU64Digits];
  const std::string_view value(digits,
                               static_cast<size_t>(FormatU64(digits, result.value) - digits));
  const bool created = result.outcome == ArithmeticOutcome::kCreated;
  const MetaItem item{.key = ReplyKeyOf(call.request),
                      .value_bytes = value.size(),
                      .cas = result.cas,
                      .ttl_before_sec = TtlSecBefore(created, result.expiry_before, call.now()),
                      .ttl_after_sec = TtlSec(result.expiry, call.now()),
                      .vivified = created};
  const std::string_view flags = call.request.flag_tokens;
  if (!call.request.want_value) {
    return protocol::WriteMetaLine(out, protocol::kMetaDone, flags, protocol::kArithmeticReturns,
                                   item);
  }
  out = protocol::WriteMetaValueHead(out, flags, protocol::kArithmeticReturns, item);
  return protocol::WriteText(protocol::WriteText(out, value), protocol::kCrlf);
}

char* WriteNumber(char* out, const Call& call, const ArithmeticResult& result) {
  switch (call.request.dialect) {
    case Dialect::kClassic:
      return protocol::WriteNumberLine(out, result.value);
    case Dialect::kMeta:
      return WriteMetaNumber(out, call, result);
    case Dialect::kBinary:
      break;
  }
  return protocol::WriteNumberPacket(out, protocol::EchoOf(call.request), result.value, result.cas);
}

/// The number was stored. Quiet hides it in every dialect.
void ReplyNumber(const Call& call, const ArithmeticResult& result) {
  if (!call.request.quiet) {
    call.replies.AdvanceTo(WriteNumber(call.replies.cursor(), call, result));
  }
}

void ReplyRefusal(const Call& call, const Status& status) {
  ReplyStatus(call, status, protocol::kEchoReturns, {.key = ReplyKeyOf(call.request)});
}

}  // namespace

void Arithmetic(const Call& call) {
  const ArithmeticResult result = call.engine().Arithmetic(
      call.key, ArithmeticOptionsOf(call.request, call.moment), call.now());
  TellUse(call);
  if (result.outcome == ArithmeticOutcome::kCreated && call.observer != nullptr) [[unlikely]] {
    call.observer->Created(call);
  }
  switch (result.outcome) {
    case ArithmeticOutcome::kDone:
    case ArithmeticOutcome::kCreated:
      return ReplyNumber(call, result);
    case ArithmeticOutcome::kNotFound:
      return ReplyRefusal(call, kNotFound);
    case ArithmeticOutcome::kExists:
      return ReplyRefusal(call, kExists);
    case ArithmeticOutcome::kNonNumeric:
      return ReplyError(call.request, Error::kNonNumeric, call.replies);
    case ArithmeticOutcome::kNoMemory:
      return ReplyError(call.request,
                        call.request.vivify ? Error::kOutOfMemoryCreating : Error::kOutOfMemory,
                        call.replies);
  }
}

}  // namespace quarry::command
