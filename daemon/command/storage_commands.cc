#include <utility>

#include "daemon/command/commands.h"

namespace quarry::command {

using core::DeleteOutcome;
using core::StoreOutcome;
using core::StoreResult;
using protocol::BinaryStatus;
using protocol::Error;

namespace {

constexpr Status kStored{protocol::kStored, protocol::kMetaDone, BinaryStatus::kOk, true};
constexpr Status kExists{protocol::kExists, protocol::kMetaExists, BinaryStatus::kExists};
constexpr Status kNotFound{protocol::kNotFound, protocol::kMetaNotFound, BinaryStatus::kNotFound};
constexpr Status kDeleted{protocol::kDeleted, protocol::kMetaDone, BinaryStatus::kOk, true};

/// Nothing was stored since the key was there, or was not: binary tells of an add and a replace
/// which.
Status NotStored(protocol::StoreMode mode) {
  BinaryStatus binary = BinaryStatus::kNotStored;
  if (mode == protocol::StoreMode::kAdd) {
    binary = BinaryStatus::kExists;
  } else if (mode == protocol::StoreMode::kReplace) {
    binary = BinaryStatus::kNotFound;
  }
  return {protocol::kNotStored, protocol::kMetaNotStored, binary};
}

void ReplyStoreStatus(const Call& call, const Status& status, const StoreResult& result) {
  if (call.request.dialect == protocol::Dialect::kClassic) [[likely]] {
    return ReplyLine(call, status.classic);  // which tells nothing of the item
  }
  ReplyStatus(
      call, status, protocol::kStoreReturns,
      {.key = ReplyKeyOf(call.request), .value_bytes = result.value_bytes, .cas = result.cas});
}

void ReplyStore(const Call& call, const StoreResult& result) {
  if (call.observer != nullptr) [[unlikely]] {
    call.observer->Stored(call, result.outcome);
  }
  switch (result.outcome) {
    case StoreOutcome::kStored:
      return ReplyStoreStatus(call, kStored, result);
    case StoreOutcome::kNotStored:
      return ReplyStoreStatus(call, NotStored(call.request.mode), result);
    case StoreOutcome::kExists:
      return ReplyStoreStatus(call, kExists, result);
    case StoreOutcome::kNotFound:
      return ReplyStoreStatus(call, kNotFound, result);
    case StoreOutcome::kTooLarge:
      return ReplyError(call.request, Error::kTooLarge, call.replies);
    case StoreOutcome::kNoMemory:
      return ReplyError(call.request, Error::kOutOfMemoryStoring, call.replies);
  }
}

void ReplyDeleteStatus(const Call& call, const Status& status) {
  ReplyStatus(call, status, protocol::kEchoReturns, {.key = ReplyKeyOf(call.request)});
}

}  // namespace

void Store(const Call& call) {
  const StoreResult result = call.engine().Store(
      call.key, StoreOptionsOf(call.request, call.moment), call.request.value, call.now());
  call.conversation.copied_bytes += result.copied_bytes;
  ReplyStore(call, result);
}

void StoreUpload(const Call& call, core::Upload upload) {
  const StoreResult result = call.engine().Store(
      call.key, StoreOptionsOf(call.request, call.moment), std::move(upload), call.now());
  call.conversation.copied_bytes += result.copied_bytes;
  ReplyStore(call, result);
}

void RefuseStore(const Call& call, StoreOutcome outcome) {
  if (call.observer != nullptr) {
    call.observer->Begin(call);
    call.observer->Stored(call, outcome);
  }
  const core::StoreOptions options = StoreOptionsOf(call.request, call.moment);
  if (outcome == StoreOutcome::kTooLarge) {
    call.engine().RefuseTooLarge(call.key, options, call.now());
  } else {
    call.engine().RefuseNoMemory(call.key, options, call.request.value_bytes, call.now());
  }
}

void Delete(const Call& call) {
  const DeleteOutcome outcome =
      call.engine().Delete(call.key, DeleteOptionsOf(call.request, call.moment), call.now());
  if (call.observer != nullptr) [[unlikely]] {
    call.observer->Deleted(call, outcome);
  }
  switch (outcome) {
    case DeleteOutcome::kDeleted:
      return ReplyDeleteStatus(call, kDeleted);
    case DeleteOutcome::kNotFound:
      return ReplyDeleteStatus(call, kNotFound);
    case DeleteOutcome::kExists:
      return ReplyDeleteStatus(call, kExists);
    case DeleteOutcome::kNoMemory:
      return ReplyError(call.request, Error::kOutOfMemory, call.replies);
  }
}

}  // namespace quarry::command
