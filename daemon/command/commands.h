#pragma once

#include <string_view>

#include "core/engine.h"
#include "core/operations.h"
#include "core/upload.h"
#include "daemon/command/conversation.h"
#include "daemon/command/options_from_request.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/request_observer.h"
#include "daemon/command/server_status.h"
#include "protocol/binary_status.h"
#include "protocol/crawler_command.h"
#include "protocol/error.h"
#include "protocol/flag_set.h"
#include "protocol/request.h"
#include "protocol/text_reply.h"

namespace quarry::command {

/// One request being executed: what a command works with. Its reply goes to `replies`, which have
/// room for it.
struct Call {
  ServerContext& context;
  WorkerCounters& counters;
  core::ReadCounters& reads;  ///< the worker's as well
  const protocol::Request& request;
  const core::Key& key;  ///< of a request that has one
  Moment moment;
  ReplyBuffer& replies;
  Conversation& conversation;           ///< the session's
  RequestObserver* observer = nullptr;  ///< is to be told what the request did; nearly always null

  core::Engine& engine() const { return *context.engine; }
  Instant now() const { return moment.now; }
};

// One function for each operation, whatever the dialect: each makes at most one call of the engine.
// What differs between dialects is how the outcome is written.

/// False when the value has to wait for room to be pinned: nothing was done or replied.
bool Get(const Call& call);
void EndGet(const Call& call);
void Touch(const Call& call);
void Inspect(const Call& call);
void Store(const Call& call);
void StoreUpload(const Call& call, core::Upload upload);
/// Counts a store that cannot be: see core::Engine::RefuseTooLarge, or RefuseNoMemory for
/// kNoMemory.
void RefuseStore(const Call& call, core::StoreOutcome outcome);
void Delete(const Call& call);
void Arithmetic(const Call& call);
void Noop(const Call& call);
void FlushAll(const Call& call);
void Version(const Call& call);
void Verbosity(const Call& call);
void LruMode(const Call& call);
void MemoryLimit(const Call& call);
void TemporaryTtl(const Call& call);
void LruTune(const Call& call);
void Slabs(const Call& call);
void ControlCrawler(const Call& call);
void Stats(const Call& call);
void Watch(const Call& call);
void RefreshCertificates(const Call& call);
void Shutdown(const Call& call);
void Quit(const Call& call);
/// The three opcodes of authentication, told apart by request.opcode. A client that has logged in
/// is known to its conversation.
void Sasl(const Call& call);

/// Begins a metadump or mgdump, behind the OK that kNone is answered with.
protocol::Error BeginDump(const Call& call, const protocol::CrawlerCommand& command);
/// Begins the reply to a group of `stats` that goes through the items, or answers its error. False,
/// and nothing is done, for any other group; in binary there is no cachedump, as in memcached.
bool BeginListing(const Call& call);

/// An outcome that is told without data, in the words of each dialect.
struct Status {
  std::string_view classic = {};  ///< a whole line
  std::string_view meta = {};     ///< a code
  protocol::BinaryStatus binary = protocol::BinaryStatus::kOk;
  bool routine = false;  ///< quiet hides it in meta and binary; noreply hides every outcome
};

/// Replies with `status`, in meta with those return flags that are in `returned`, in binary with
/// the item's CAS.
void ReplyStatus(const Call& call, const Status& status, protocol::FlagSet returned,
                 const protocol::MetaItem& item);

/// Replies with an error, which noreply hides, and quiet does not in meta and binary.
void ReplyError(const protocol::Request& request, protocol::Error error, ReplyBuffer& replies);

/// Replies to a binary request with a status alone, quiet or not.
void ReplyPacket(const Call& call, protocol::BinaryStatus status, uint64_t cas = 0);

/// Tells who observes requests, if anybody, that this one looked for its item.
void TellUse(const Call& call);

/// Replies with a classic line, unless the request is quiet.
void ReplyLine(const Call& call, std::string_view line);
/// OK for kNone, unless the request is quiet.
void ReplyOkOr(const Call& call, protocol::Error error);

/// The request's key as return flag k shows it where no item does.
protocol::ReplyKey ReplyKeyOf(const protocol::Request& request);

/// An item's remaining seconds as the wire tells them.
int64_t TtlSec(Expiry expiry, Instant now);

/// The same of an item before a request that may have created it: until flag N has been read, a
/// created item lives for ever.
inline int64_t TtlSecBefore(bool created, Expiry expiry_before, Instant now) {
  return created ? protocol::kUnlimitedTtl : TtlSec(expiry_before, now);
}

}  // namespace quarry::command
