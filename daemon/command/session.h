#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/wake_up.h"
#include "daemon/command/batch.h"
#include "daemon/command/conversation.h"
#include "daemon/command/reply_buffer.h"
#include "protocol/error.h"
#include "protocol/parser.h"

namespace quarry::command {

class Executor;
class LargeStore;

/// One client's conversation: bytes in, replies out, no socket. It belongs to one worker, and owns
/// no buffer: what a batch needs belongs to the worker's Executor.
///
/// The transport calls Consume with all bytes that it holds. A value too large to buffer is
/// received straight into item memory: while body_pending(), the transport reads into BodySpace
/// instead and reports with BodyReceived.
class Session {
 public:
  enum class Next : uint8_t {
    kRead,   ///< wants more bytes; at least wanted_bytes() in all before it can go on
    kFlush,  ///< the reply buffer is full: send it, then call Consume with the same rest again
    kYield,  ///< has more to do, once others have had their turn: as kFlush, but the buffer may be
             ///< empty
    kWait,   ///< waits for others: call Consume again after `wake`
    kClose,  ///< send what is in the reply buffer, then close
  };
  struct Progress {
    size_t consumed = 0;  ///< leading bytes of the input that are done with
    Next next = Next::kRead;
    bool asked_little = false;  ///< the input was a few requests and no more
  };

  /// The smallest room a ReplyBuffer must offer when it is empty. Eight times as much serves a
  /// batch of larger values with fewer interruptions.
  static constexpr size_t kMinReplyRoom = 8192;

  /// `executor` outlives the session. `wake` is called on any thread, at most once for each kWait.
  /// `descriptor` is what `stats conns` calls the connection.
  explicit Session(Executor& executor, WakeUp wake = {}, int descriptor = -1);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Takes requests in `forms`, whatever the server's other clients may speak. Before Consume.
  void Accept(protocol::AcceptedForms forms) { accepted_forms_ = forms; }

  /// Parses and executes what it can of `input`, which must not move during the call.
  Progress Consume(std::string_view input, ReplyBuffer& replies);

  /// Several sessions can do the same together, if each asked little the last time. First each adds
  /// the requests of its `input` to the executor's batch; where they are not whole, do not fit, or
  /// are not to share a batch, none.
  Batch::Range AddTo(Batch& batch, std::string_view input);
  /// Then, with the clock read and the items prefetched, each executes what it has added. When
  /// every session has done so, what is left of the input is to be consumed: at once after kRead,
  /// or as after any kYield.
  Progress Answer(Batch::Range requests, std::string_view input, ReplyBuffer& replies);

  /// How many bytes of input, from its first unconsumed one, must be there before Consume can make
  /// progress; at most kMaxBufferedBytes. Meaningful after kRead.
  size_t wanted_bytes() const { return wanted_bytes_; }
  static constexpr size_t kMaxBufferedBytes = 10240;

  /// True while the next input belongs to a large value.
  bool body_pending() const { return large_store_ != nullptr && IsReceiving(); }
  /// How many bytes that value has, and how many are still to come.
  uint64_t body_bytes() const;
  uint64_t missing_body_bytes() const;
  /// Item memory for the next bytes of the value: as core::Upload::Space; 0 when there is none, and
  /// the transport goes on with Consume, which answers the error and drops the body.
  size_t BodySpace(std::span<std::span<char>> spaces, uint64_t wanted_bytes);
  /// `bytes` bytes were read into what BodySpace gave. Once body_pending() is false, Consume goes
  /// on, also without further input: a value may be the last of its request.
  void BodyReceived(size_t bytes);

  /// True while item memory is kept for a value that has not arrived whole, and others wait for it.
  bool IsUploadAwaited() const;
  /// Answers the store whose value is arriving with an error and gives its memory back; what is
  /// still to come of the value will be dropped. IsUploadAwaited(), and room for a line in
  /// `replies`.
  void EndSlowUpload(ReplyBuffer& replies);
  /// True while others wait for values that are being sent, by whomever, to be done with.
  bool AreValuesAwaited() const;
  /// How many large stores have been begun: tells one from the next.
  uint32_t upload_count() const { return upload_count_; }

  /// True while nothing that the client sends means anything: it need not be kept, and its end is
  /// that of the conversation.
  bool ignores_input() const {
    return conversation_.long_reply != nullptr && conversation_.long_reply->ignores_input();
  }

  /// True when nothing of a request has arrived and not been answered.
  bool idle() const;

 private:
  /// How far one stage of Consume got; without `next`, another stage follows at once.
  struct Step {
    size_t consumed = 0;
    std::optional<Next> next;
    bool had_few = false;  // a few requests were all that was left, and are done
  };

  std::optional<Next> Begin(char first);
  Step Advance(std::string_view rest, ReplyBuffer& replies);
  Step GoOn(std::string_view rest, ReplyBuffer& replies);
  Step LogIn(std::string_view rest, ReplyBuffer& replies);
  Step LogInByPacket(std::string_view rest, ReplyBuffer& replies);
  Step ConsumeBatch(std::string_view rest, ReplyBuffer& replies);
  Step ConsumeAny(size_t plain_bytes, std::string_view rest, ReplyBuffer& replies);
  Step EndBatch(std::string_view rest, size_t consumed);
  Step Repeat(size_t executed_count, bool must_wait, std::string_view rest,
              const ReplyBuffer& replies);
  Step BeginLargeStore(size_t line_bytes, ReplyBuffer& replies);
  Step ContinueLargeStore(std::string_view rest, ReplyBuffer& replies);
  Step FinishLargeStore(std::string_view rest, ReplyBuffer& replies);
  void EndLargeStore(protocol::Error error, ReplyBuffer& replies);
  bool HasCopiedMuch();
  Step Wait(size_t consumed, const ReplyBuffer& replies);
  Step ContinueLongReply(std::string_view rest, ReplyBuffer& replies);
  Step Swallow(std::string_view rest);
  Step WantBytes(size_t consumed, size_t wanted_bytes);
  bool IsReceiving() const;
  /// True while something else than the next requests comes first.
  bool IsOccupied() const {
    return swallow_bytes_ > 0 || large_store_ != nullptr || conversation_.long_reply != nullptr ||
           !conversation_.logged_in;
  }

  Executor& executor_;
  Conversation conversation_;
  protocol::ParserState parser_;
  std::unique_ptr<LargeStore> large_store_;
  uint64_t swallow_bytes_ = 0;  // what is left to drop of a refused body
  size_t wanted_bytes_ = 1;
  uint32_t upload_count_ = 0;
  protocol::AcceptedForms accepted_forms_;
  bool begun_ = false;       // the first byte has been seen
  bool input_left_ = false;  // the last Consume left input behind
};

}  // namespace quarry::command
