#pragma once

#include <cstddef>
#include <string_view>

#include "core/admission.h"
#include "core/engine.h"
#include "core/operations.h"
#include "daemon/command/batch.h"
#include "daemon/command/conversation.h"
#include "daemon/command/options_from_request.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/request_observer.h"
#include "daemon/command/server_status.h"
#include "protocol/error.h"
#include "protocol/parser.h"
#include "protocol/request.h"

namespace quarry::command {

class LargeStore;
struct Call;

/// Carries out canonical requests against the engine and encodes their replies: one for each
/// worker, shared by its sessions. Session owns the conversation, Executor the commands.
class Executor {
 public:
  /// No reply is longer, but for a value and for what ReplyBuffer holds as pieces.
  static constexpr size_t kMaxLineReplyBytes = 1024;
  /// The same with a small value in it, and CRLF and END behind that.
  static constexpr size_t kMaxValueReplyBytes =
      kMaxLineReplyBytes + core::Engine::kMaxSmallValueBytes + 7;

  /// `context` and `counters`, this worker's element of context.workers, outlive the executor.
  Executor(ServerContext& context, WorkerCounters& counters)
      : context_(context),
        counters_(counters),
        reads_(context.engine->read_counters(context.NumberOf(counters))),
        observer_(context),
        batch_(*context.engine) {}

  /// The requests to be executed next: each session fills it and has it executed within one call.
  Batch& batch() { return batch_; }
  RequestObserver& observer() { return observer_; }
  core::Engine& engine() { return *context_.engine; }
  /// Reads the clock: what is executed until the next reading is executed at that moment. It must
  /// not be earlier than the arrival of what is executed, so that nothing ends early.
  void ReadClock() { now_ = context_.clock->Now(); }
  Moment moment() const { return {now_, *context_.clock}; }

  /// How many requests were executed; those after them have had no effect.
  struct Executed {
    size_t count = 0;
    bool must_wait = false;  ///< the next one needs room in the engine, and has asked for it
  };

  /// So much is copied of large values before others have their turn: some 0.1 ms' work.
  static constexpr uint64_t kMaxCopiedBytes = uint64_t{1} << 20;

  /// Executes requests of the batch in order, at one moment: all in `range`, or as many as the room
  /// in `replies` was sure to suffice for, or up to a large value that must wait, or to where
  /// kMaxCopiedBytes are copied. `conversation` is the session's. The items have been prefetched.
  Executed Execute(Batch::Range range, ReplyBuffer& replies, Conversation& conversation) {
    const size_t count = ExecutePlain(range, replies, conversation);
    if (count == range.size()) [[likely]] {
      return {.count = count};
    }
    return ExecuteFrom(count, range, replies, conversation);
  }
  /// The same for all of it, with the prefetching.
  Executed ExecuteBatch(ReplyBuffer& replies, Conversation& conversation) {
    batch_.PrefetchItems();
    return Execute(batch_.all(), replies, conversation);
  }

  /// Stores a large value that has arrived whole, under the conditions of this moment.
  void StoreUpload(LargeStore& store, ReplyBuffer& replies, Conversation& conversation);

  /// Answers a store whose key and value exceed the item limit, and drops the old item where stale
  /// data would be left behind. False, and nothing is done, if the limit is kept.
  bool RefuseTooLarge(const protocol::Request& request, ReplyBuffer& replies,
                      Conversation& conversation);
  /// What clients may speak.
  protocol::AcceptedForms accepted_forms() const { return context_.accepted_forms; }
  /// True when clients must log in before anything else.
  bool requires_login() const { return context_.requires_login(); }
  /// True when they can do so in this form.
  bool has_login(protocol::WireForm form) const {
    return form == protocol::WireForm::kText ? context_.text_users != nullptr : context_.has_sasl();
  }
  /// True when the password is the user's. has_login(kText).
  bool LogIn(std::string_view user, std::string_view password);
  /// Answers a binary request of a client that must log in first. The conversation knows whether it
  /// has done so, at once or when the long reply is there that has been begun.
  void ExecuteBeforeLogin(const protocol::Request& request, ReplyBuffer& replies,
                          Conversation& conversation);
  /// Answers a store whose upload came to nothing: `error` tells why.
  void RefuseUpload(const LargeStore& store, protocol::Error error, ReplyBuffer& replies,
                    Conversation& conversation);
  /// True when others wait for the memory of values that are arriving, or are being sent.
  bool IsAwaited(core::ClaimKind kind) { return engine().admission().IsAwaited(kind); }

  /// The reply to a request that failed: nothing where the dialect lets quiet hide errors.
  void ReplyError(const protocol::Request& request, protocol::Error error, ReplyBuffer& replies);

 private:
  /// What Execute does once `count` are executed.
  Executed ExecuteFrom(size_t count, Batch::Range range, ReplyBuffer& replies,
                       Conversation& conversation);
  /// Executes plain requests: as many as come one after the other, have room for their replies, and
  /// find no large or dead item, nor an mg a marked one; nearly all. Returns how many; none where
  /// somebody observes requests. What stopped it has had no effect.
  size_t ExecutePlain(Batch::Range range, ReplyBuffer& replies, Conversation& conversation);
  /// `request` to be carried out at this moment. The arguments outlive it.
  Call CallOf(const protocol::Request& request, const core::Key& key, ReplyBuffer& replies,
              Conversation& conversation);
  /// Who is to be told what requests do; nobody nearly always.
  RequestObserver* PresentObserver() { return observer_.IsWanted() ? &observer_ : nullptr; }

  ServerContext& context_;
  WorkerCounters& counters_;
  core::ReadCounters& reads_;
  Instant now_;
  RequestObserver observer_;
  Batch batch_;
};

}  // namespace quarry::command
