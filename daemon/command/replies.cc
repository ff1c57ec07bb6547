#include <algorithm>

#include "daemon/command/commands.h"
#include "protocol/binary_reply.h"

namespace quarry::command {

using protocol::Dialect;
using protocol::Request;

namespace {

constexpr Status kDone{.classic = protocol::kOk, .routine = true};

}  // namespace

void ReplyStatus(const Call& call, const Status& status, protocol::FlagSet returned,
                 const protocol::MetaItem& item) {
  if (call.request.dialect == Dialect::kClassic) {
    ReplyLine(call, status.classic);
  } else if (call.request.quiet && status.routine) {
    return;
  } else if (call.request.dialect == Dialect::kBinary) {
    ReplyPacket(call, status.binary, item.cas);
  } else {
    call.replies.AdvanceTo(protocol::WriteMetaLine(call.replies.cursor(), status.meta,
                                                   call.request.flag_tokens, returned, item));
  }
}

void ReplyPacket(const Call& call, protocol::BinaryStatus status, uint64_t cas) {
  call.replies.AdvanceTo(protocol::WriteStatusPacket(call.replies.cursor(),
                                                     protocol::EchoOf(call.request), status, cas));
}

void ReplyError(const Request& request, protocol::Error error, ReplyBuffer& replies) {
  if (request.dialect == Dialect::kBinary) {
    replies.AdvanceTo(
        protocol::WriteErrorPacket(replies.cursor(), protocol::EchoOf(request), error));
  } else if (!(request.quiet && request.dialect == Dialect::kClassic)) {
    replies.Append(protocol::ErrorLine(error));
  }
}

void ReplyLine(const Call& call, std::string_view line) {
  if (!call.request.quiet) {
    call.replies.Append(line);
  }
}

void ReplyOkOr(const Call& call, protocol::Error error) {
  if (error == protocol::Error::kNone) {
    ReplyStatus(call, kDone, protocol::FlagSet(), {});
  } else {
    ReplyError(call.request, error, call.replies);
  }
}

protocol::ReplyKey ReplyKeyOf(const Request& request) {
  return {request.key,
          request.base64_key ? protocol::KeyForm::kBase64Text : protocol::KeyForm::kText};
}

int64_t TtlSec(Expiry expiry, Instant now) {
  if (expiry == kNever) {
    return protocol::kUnlimitedTtl;
  }
  return std::max(int64_t{expiry} - int64_t{now.ceil_sec}, int64_t{0});
}

}  // namespace quarry::command
