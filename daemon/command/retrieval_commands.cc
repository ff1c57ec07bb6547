#include <optional>
#include <string_view>
#include <utility>

#include "core/pin.h"
#include "daemon/command/commands.h"
#include "protocol/binary_reply.h"

namespace quarry::command {

using core::Fetched;
using core::GetOutcome;
using core::ItemView;
using protocol::BinaryStatus;
using protocol::Dialect;
using protocol::Error;
using protocol::KeyForm;
using protocol::MetaItem;
using protocol::ReplyKey;
using protocol::Request;

namespace {

constexpr Status kMiss{
    .classic = "", .meta = protocol::kMetaMiss, .binary = BinaryStatus::kNotFound, .routine = true};
/// me has no quiet form: its miss is always told.
constexpr Status kNothingToInspect{.classic = "", .meta = protocol::kMetaMiss};
constexpr Status kNotFound{.classic = protocol::kNotFound, .binary = BinaryStatus::kNotFound};

/// An item's key as its reply shows it: in base64 if it was stored with a base64 key.
ReplyKey KeyOfItem(const ItemView& item) {
  return {item.key, item.base64_key ? KeyForm::kBinary : KeyForm::kText};
}

protocol::WinMark MarkOf(core::Win win) {
  switch (win) {
    case core::Win::kNone:
      return protocol::WinMark::kNone;
    case core::Win::kWon:
      return protocol::WinMark::kWon;
    case core::Win::kAlreadyWon:
      return protocol::WinMark::kAlreadyWon;
  }
  return protocol::WinMark::kNone;
}

char* WriteMetaHead(char* out, const Call& call, const Fetched& fetched, bool with_value) {
  const ItemView& item = fetched.item;
  const MetaItem reply{
      .key = KeyOfItem(item),
      .value_bytes = item.value_bytes,
      .client_flags = item.client_flags,
      .cas = item.cas,
      .ttl_before_sec = TtlSecBefore(fetched.vivified, fetched.expiry_before, call.now()),
      .ttl_after_sec = TtlSec(item.expiry, call.now()),
      .idle_sec = fetched.idle_sec,
      .fetched_before = fetched.fetched_before,
      .vivified = fetched.vivified,
      .stale = item.stale,
      .win = MarkOf(fetched.win)};
  const std::string_view flags = call.request.flag_tokens;
  return with_value ? protocol::WriteMetaValueHead(out, flags, protocol::kGetReturns, reply)
                    : protocol::WriteMetaLine(out, protocol::kMetaDone, flags,
                                              protocol::kGetReturns, reply);
}

char* WriteHead(char* out, const Call& call, const Fetched& fetched, bool with_value) {
  const ItemView& item = fetched.item;
  switch (call.request.dialect) {
    case Dialect::kClassic:
      return protocol::WriteValueHead(
          out, {.key = call.request.key,
                .client_flags = item.client_flags,
                .value_bytes = item.value_bytes,
                .cas = call.request.want_cas ? std::optional(item.cas) : std::nullopt});
    case Dialect::kMeta:
      return WriteMetaHead(out, call, fetched, with_value);
    case Dialect::kBinary:
      break;
  }
  return protocol::WriteItemHead(
      out, protocol::EchoOf(call.request),
      {.value_bytes = item.value_bytes, .client_flags = item.client_flags, .cas = item.cas});
}

/// What follows a value.
std::string_view ValueEnd(const Request& request) {
  return protocol::kCrlf.substr(0, protocol::TerminatorBytes(request));
}

/// Writes the reply to a hit at `out`, but for the bytes of a large value and what follows them.
char* WriteHit(char* out, const Call& call, const Fetched& fetched, bool with_value) {
  out = WriteHead(out, call, fetched, with_value);
  if (with_value && !fetched.item.large) {
    out = protocol::WriteText(out, fetched.item.value);
    out = protocol::WriteText(out, ValueEnd(call.request));
  }
  return out;
}

/// True unless the client knows the value: mg with C sends it only if it has changed.
bool WantsValue(const Request& request, const ItemView& item) {
  return request.want_value && !(request.compare_cas && request.cas == item.cas);
}

void ReplyTouched(const Call& call, const protocol::PacketItem& item) {
  if (call.request.dialect == Dialect::kBinary) {
    call.replies.AdvanceTo(
        protocol::WriteItemHead(call.replies.cursor(), protocol::EchoOf(call.request), item));
  } else {
    ReplyLine(call, protocol::kTouched);
  }
}

}  // namespace

void TellUse(const Call& call) {
  if (call.observer != nullptr) [[unlikely]] {
    call.observer->Used(call);
  }
}

bool Get(const Call& call) {
  const core::GetOptions options = GetOptionsOf(call.request, call.moment);
  char* end = call.replies.cursor();
  core::Pin pin;
  const GetOutcome outcome =
      call.engine().Get(call.key, options, call.now(), call.conversation.ticket, call.reads,
                        [&call, &end, &pin](const Fetched& fetched, core::Pin&& large_value) {
                          bool with_value = WantsValue(call.request, fetched.item);
                          if (fetched.item.large) {
                            with_value = static_cast<bool>(large_value);
                            pin = std::move(large_value);
                          }
                          end = WriteHit(end, call, fetched, with_value);
                        });
  if (call.observer != nullptr && outcome != GetOutcome::kMustWait) [[unlikely]] {
    call.observer->Fetched(call, outcome == GetOutcome::kHit);
  }
  if (outcome == GetOutcome::kHit) {
    call.replies.AdvanceTo(end);
    if (pin) {
      call.replies.AppendPin(std::move(pin));
      call.replies.Append(ValueEnd(call.request));
    }
  } else if (outcome == GetOutcome::kMiss) {
    ReplyStatus(call, kMiss, protocol::kEchoReturns, {.key = ReplyKeyOf(call.request)});
  } else if (outcome == GetOutcome::kNoMemory && call.request.dialect != Dialect::kClassic) {
    ReplyError(call.request, Error::kOutOfMemoryCreating, call.replies);
  }
  if (outcome == GetOutcome::kMustWait) {
    return false;
  }
  // A classic gat that found no room for the new expiry reads as a miss: its line's other replies
  // stay whole.
  if (call.request.ends_line) {
    call.replies.Append(protocol::kEnd);
  }
  return true;
}

void EndGet(const Call& call) {
  call.replies.Append(protocol::kEnd);
}

void Touch(const Call& call) {
  protocol::PacketItem touched;
  const GetOutcome outcome =
      call.engine().Get(call.key, GetOptionsOf(call.request, call.moment), call.now(),
                        [&touched](const Fetched& fetched, const core::Pin& /*large_value*/) {
                          touched.client_flags = fetched.item.client_flags;
                          touched.cas = fetched.item.cas;
                        });
  TellUse(call);
  switch (outcome) {
    case GetOutcome::kHit:
      return ReplyTouched(call, touched);
    case GetOutcome::kMiss:
      return ReplyStatus(call, kNotFound, protocol::FlagSet(), {});
    case GetOutcome::kMustWait:  // never, without a value
    case GetOutcome::kNoMemory:
      return ReplyError(call.request, Error::kOutOfMemory, call.replies);
  }
}

void Inspect(const Call& call) {
  Bump(call.counters.meta_cmds);
  TellUse(call);
  char* end = call.replies.cursor();
  const GetOutcome outcome = call.engine().Get(
      call.key, GetOptionsOf(call.request, call.moment), call.now(),
      [&call, &end](const Fetched& fetched, const core::Pin& /*large_value*/) {
        const ItemView& item = fetched.item;
        end = protocol::WriteInspection(end, {.key = KeyOfItem(item),
                                              .ttl_sec = TtlSec(item.expiry, call.now()),
                                              .idle_sec = fetched.idle_sec,
                                              .cas = item.cas,
                                              .fetched = fetched.fetched_before,
                                              .class_id = item.class_id,
                                              .item_bytes = core::ItemBytes(item)});
      });
  if (outcome == GetOutcome::kHit) {
    call.replies.AdvanceTo(end);
  } else {
    ReplyStatus(call, kNothingToInspect, protocol::FlagSet(), {});
  }
}

}  // namespace quarry::command
