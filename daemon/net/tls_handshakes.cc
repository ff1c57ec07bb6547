#include "daemon/net/tls_handshakes.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <atomic>
#include <utility>

#include "core/base/check.h"

namespace quarry::net {
namespace {

constexpr timeval kAtOnce = {.tv_sec = 0, .tv_usec = 0};

/// How long a client that was refused may take to read the alert and to close, and how much of what
/// it sends is dropped meanwhile: a close before that could destroy the alert on its way.
constexpr timeval kRefusalLimit = {.tv_sec = 1, .tv_usec = 0};
constexpr size_t kRefusalBytes = size_t{64} << 10;

constexpr std::string_view kTooSlow = "the handshake took too long";
constexpr std::string_view kGone = "the client left during the handshake";
constexpr std::string_view kEnding = "the server is ending";
constexpr std::string_view kNoEvents = "the event loop takes no more events";

timeval Milliseconds(uint32_t count) {
  return {.tv_sec = count / 1000, .tv_usec = static_cast<suseconds_t>(count % 1000) * 1000};
}

}  // namespace

/// One connection in its handshake, or after its refusal.
class TlsHandshakes::Pending {
 public:
  Pending(TlsHandshakes& owner, uint64_t id, Accepted accepted)
      : owner_(owner), id_(id), accepted_(std::move(accepted)) {
    deadline_.Assign<&Pending::OnDeadline>(owner_.loop_, -1, 0, this);
  }

  /// Lets the socket's readiness for `direction`, EV_READ or EV_WRITE, bring the next step. False
  /// when the loop refuses.
  [[nodiscard]] bool Await(int direction) {
    ready_.Remove();
    ready_.Assign<&Pending::OnReady>(owner_.loop_, accepted_.socket.value(), direction, this);
    return ready_.Add();
  }

  [[nodiscard]] bool SetDeadline(const timeval& limit) {
    deadline_.Remove();
    return deadline_.Add(&limit);
  }

  /// The alert has been sent: nothing else will be. False when nobody is there to read it.
  [[nodiscard]] bool BeginRefusal() {
    is_refused_ = true;
    return shutdown(accepted_.socket.value(), SHUT_WR) == 0 && SetDeadline(kRefusalLimit) &&
           Await(EV_READ);
  }

  /// Drops what a refused client still sends. False when the connection can be closed.
  [[nodiscard]] bool DropInput() {
    std::array<char, 4096> dropped = {};
    const ssize_t count = recv(accepted_.socket.value(), dropped.data(), dropped.size(), 0);
    if (count > 0) {
      dropped_bytes_ += static_cast<size_t>(count);
    }
    return count > 0 && dropped_bytes_ < kRefusalBytes && Await(EV_READ);
  }

  bool is_refused() const { return is_refused_; }
  int socket() const { return accepted_.socket.value(); }
  TlsChannel& channel() { return *accepted_.tls; }
  Accepted Take() {
    ready_.Remove();
    deadline_.Remove();
    return std::move(accepted_);
  }

 private:
  void OnReady(EventFlags) { owner_.Enqueue(id_); }
  void OnDeadline(EventFlags) {
    if (is_refused_) {
      owner_.Drop(id_);
    } else {
      owner_.GiveUp(id_, kTooSlow);
    }
  }

  TlsHandshakes& owner_;
  const uint64_t id_;
  Accepted accepted_;
  Event ready_;  // once: a step follows
  Event deadline_;
  bool is_refused_ = false;
  size_t dropped_bytes_ = 0;
};

TlsHandshakes::TlsHandshakes(EventLoop& loop, command::ConnectionCounters& counters,
                             Options options)
    : loop_(loop), counters_(counters), options_(std::move(options)) {
  due_event_.Assign<&TlsHandshakes::OnDue>(loop_, -1, 0, this);
}

TlsHandshakes::~TlsHandshakes() {
  CloseAll();
}

void TlsHandshakes::Begin(Accepted accepted) {
  const uint64_t id = next_id_++;
  const auto [place, inserted] =
      pending_.emplace(id, std::make_unique<Pending>(*this, id, std::move(accepted)));
  QUARRY_CHECK(inserted);
  Pending& pending = *place->second;
  if (closed_) {
    GiveUp(id, kEnding);
  } else if (!pending.SetDeadline(Milliseconds(options_.limit_ms)) || !pending.Await(EV_READ)) {
    GiveUp(id, kNoEvents);
  }
}

void TlsHandshakes::CloseAll() {
  closed_ = true;
  due_event_.Remove();
  due_.clear();
  counters_.current.fetch_sub(pending_.size(), std::memory_order_relaxed);
  pending_.clear();
}

void TlsHandshakes::Enqueue(uint64_t id) {
  due_.push_back(id);
  if (!due_event_.armed()) {
    // Without its timer the queue would be forgotten, and there is no other way to be called.
    QUARRY_CHECK(due_event_.Add(&kAtOnce));
  }
}

void TlsHandshakes::OnDue(EventFlags) {
  due_event_.Remove();
  const uint64_t id = due_.front();
  due_.pop_front();
  if (!due_.empty()) {
    QUARRY_CHECK(due_event_.Add(&kAtOnce));
  }
  TakeStep(id);
}

void TlsHandshakes::TakeStep(uint64_t id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) {
    return;  // its time was up
  }
  Pending& pending = *found->second;
  if (pending.is_refused()) {
    if (!pending.DropInput()) {
      Drop(id);
    }
    return;
  }
  switch (pending.channel().ContinueHandshake()) {
    case TlsChannel::Handshake::kDone:
      Finish(id);
      return;
    case TlsChannel::Handshake::kWantsRead:
      if (!pending.Await(EV_READ)) {
        GiveUp(id, kNoEvents);
      }
      return;
    case TlsChannel::Handshake::kWantsWrite:
      if (!pending.Await(EV_WRITE)) {
        GiveUp(id, kNoEvents);
      }
      return;
    case TlsChannel::Handshake::kRefused:
      counters_.tls_handshake_errors.fetch_add(1, std::memory_order_relaxed);
      options_.tell_failure(pending.socket(), pending.channel().Violation());
      if (!pending.BeginRefusal()) {
        Drop(id);
      }
      return;
    case TlsChannel::Handshake::kGone:
      GiveUp(id, kGone);
      return;
  }
}

void TlsHandshakes::Finish(uint64_t id) {
  const auto found = pending_.find(id);
  Accepted accepted = found->second->Take();
  pending_.erase(found);
  if (options_.count_sessions && !accepted.tls->is_resumed()) {
    counters_.tls_new_sessions.fetch_add(1, std::memory_order_relaxed);
  }
  options_.sink(std::move(accepted));
}

void TlsHandshakes::GiveUp(uint64_t id, std::string_view reason) {
  options_.tell_failure(pending_.find(id)->second->socket(), reason);
  counters_.tls_handshake_errors.fetch_add(1, std::memory_order_relaxed);
  Drop(id);
}

void TlsHandshakes::Drop(uint64_t id) {
  pending_.erase(id);
  counters_.current.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace quarry::net
