#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/command/long_reply.h"

namespace quarry::command {

/// A yes or no that another thread finds, while a session waits for it. Shared by the two, since
/// either may end first.
class Verdict {
 public:
  /// `wake` tells the session that there is an answer: see Session. A verdict that is given after
  /// the session's end wakes nobody, as long as the session's worker is there.
  explicit Verdict(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Any thread, once.
  void Give(bool yes) {
    // Release: who sees the answer also sees what led to it.
    answer_.store(yes ? Answer::kYes : Answer::kNo, std::memory_order_release);
    wake_();
  }

  /// Nothing until it has been given.
  std::optional<bool> given() const {
    const Answer answer = answer_.load(std::memory_order_acquire);
    return answer == Answer::kNone ? std::nullopt : std::optional(answer == Answer::kYes);
  }

 private:
  enum class Answer : uint8_t {
    kNone,
    kNo,
    kYes,
  };

  const std::function<void()> wake_;
  std::atomic<Answer> answer_{Answer::kNone};
};

/// The reply to a request that another thread decides. Meanwhile the worker serves its other
/// connections.
class AwaitedReply final : public LongReply {
 public:
  /// Writes the reply: at most Executor::kMaxLineReplyBytes.
  using Answer = std::function<void(bool yes, ReplyBuffer& replies)>;

  AwaitedReply(std::shared_ptr<const Verdict> verdict, Answer answer)
      : verdict_(std::move(verdict)), answer_(std::move(answer)) {}

  Progress Continue(ReplyBuffer& replies, Moment /*moment*/) override {
    const std::optional<bool> verdict = verdict_->given();
    if (!verdict) {
      return Progress::kWait;
    }
    answer_(*verdict, replies);
    return Progress::kDone;
  }

 private:
  const std::shared_ptr<const Verdict> verdict_;
  const Answer answer_;
};

}  // namespace quarry::command
