#include "daemon/command/request_observer.h"

#include <string_view>

#include "daemon/command/commands.h"
#include "daemon/command/server_status.h"

namespace quarry::command {

using core::DeleteOutcome;
using core::Presence;
using core::StoreOutcome;

namespace {

std::string_view WordOf(Presence presence) {
  switch (presence) {
    case Presence::kAbsent:
      return "not_found";
    case Presence::kFlushed:
      return "flushed";
    case Presence::kExpired:
      return "expired";
    case Presence::kLive:
      break;
  }
  return "found";
}

std::string_view WordOf(StoreOutcome outcome) {
  switch (outcome) {
    case StoreOutcome::kStored:
      return "stored";
    case StoreOutcome::kNotStored:
      return "not_stored";
    case StoreOutcome::kExists:
      return "exists";
    case StoreOutcome::kNotFound:
      return "not_found";
    case StoreOutcome::kTooLarge:
      return "too_large";
    case StoreOutcome::kNoMemory:
      break;
  }
  return "no_memory";
}

std::string_view CommandOf(const protocol::Request& request) {
  if (request.op == protocol::Op::kArithmetic) {
    return "add";
  }
  switch (request.mode) {
    case protocol::StoreMode::kAdd:
      return "add";
    case protocol::StoreMode::kReplace:
      return request.compare_cas ? "cas" : "replace";
    case protocol::StoreMode::kAppend:
      return "append";
    case protocol::StoreMode::kPrepend:
      return "prepend";
    case protocol::StoreMode::kSet:
      break;
  }
  return request.compare_cas ? "cas" : "set";
}

constexpr uint32_t kKeyEvents = kFetches | kMutations | kDeletions;

}  // namespace

RequestObserver::RequestObserver(ServerContext& context)
    : context_(context),
      event_log_(context.event_log),
      prefix_stats_(context.prefix_stats),
      ring_(context.event_log.AddRing()) {}

void RequestObserver::Begin(const Call& call) {
  before_ = {};
  if (call.request.key.empty() || (context_.event_log.watched_classes() & kKeyEvents) == 0) {
    return;
  }
  before_.presence = call.engine().Peek(call.key, call.now(), [this](const core::Listing& listing) {
    before_.class_id = listing.item.class_id;
    before_.value_bytes = listing.item.value_bytes;
  });
}

void RequestObserver::Fetched(const Call& call, bool is_hit) {
  if (context_.prefix_stats.enabled()) {
    context_.prefix_stats.CountGet(call.key.bytes, is_hit);
  }
  TellFetch(call);
}

void RequestObserver::Used(const Call& call) {
  TellFetch(call);
}

void RequestObserver::Stored(const Call& call, StoreOutcome outcome) {
  if (context_.prefix_stats.enabled()) {
    context_.prefix_stats.CountSet(call.key.bytes);
  }
  TellFetch(call);
  if (context_.event_log.IsWatched(kMutations)) {
    TellStore(call, outcome);
  }
}

void RequestObserver::Deleted(const Call& call, DeleteOutcome outcome) {
  if (context_.prefix_stats.enabled()) {
    context_.prefix_stats.CountDelete(call.key.bytes);
  }
  TellFetch(call);
  const bool is_gone =
      outcome == DeleteOutcome::kDeleted && !call.request.invalidate && !call.request.remove_value;
  if (!is_gone || !context_.event_log.IsWatched(kDeletions)) {
    return;
  }
  const bool is_meta = call.request.dialect == protocol::Dialect::kMeta;
  EventLine line = context_.event_log.NewLine("deleted");
  line.Key(call.key.bytes).Word("cmd", is_meta ? "md" : "delete");
  line.Number("clsid", before_.class_id);
  line.Number("size", static_cast<int64_t>(before_.value_bytes));
  EventLog::Write(ring_, kDeletions, line);
}

void RequestObserver::Created(const Call& call) {
  if (context_.event_log.IsWatched(kMutations)) {
    TellStore(call, StoreOutcome::kStored);
  }
}

void RequestObserver::TellFetch(const Call& call) {
  if (!context_.event_log.IsWatched(kFetches)) {
    return;
  }
  EventLine line = context_.event_log.NewLine("item_get");
  line.Key(call.key.bytes).Word("status", WordOf(before_.presence));
  line.Number("clsid", before_.class_id).Number("cfd", call.conversation.descriptor);
  line.Number("size", static_cast<int64_t>(before_.value_bytes));
  EventLog::Write(ring_, kFetches, line);
}

void RequestObserver::TellStore(const Call& call, StoreOutcome outcome) {
  uint32_t class_id = 0;
  Expiry expiry = ExpiryFromWire(call.request.exptime, call.moment);
  uint64_t value_bytes = call.request.value_bytes;
  if (outcome == StoreOutcome::kStored) {  // an append keeps the expiry, and adds to the value
    call.engine().Peek(call.key, call.now(), [&](const core::Listing& listing) {
      class_id = listing.item.class_id;
      expiry = listing.item.expiry;
      value_bytes = listing.item.value_bytes;
    });
  }
  EventLine line = context_.event_log.NewLine("item_store");
  line.Key(call.key.bytes).Word("status", WordOf(outcome)).Word("cmd", CommandOf(call.request));
  line.Number("ttl", expiry == kNever ? 0 : TtlSec(expiry, call.now()));
  line.Number("clsid", class_id).Number("cfd", call.conversation.descriptor);
  line.Number("size", static_cast<int64_t>(value_bytes));
  EventLog::Write(ring_, kMutations, line);
}

}  // namespace quarry::command
