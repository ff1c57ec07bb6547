#include "daemon/net/connection.h"

#include <sys/time.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "daemon/net/connection_events.h"
#include "daemon/net/round.h"
#include "daemon/net/worker.h"

namespace quarry::net {
namespace {

/// How often an event has input read that means nothing.
constexpr int kMaxDroppingReads = 4;

/// How long a connection that is to be closed may take none of its last replies.
constexpr timeval kClosingTimeout = {.tv_sec = 10, .tv_usec = 0};

/// How often a lingering connection looks for acknowledgements.
constexpr timeval kLingerInterval = {.tv_sec = 0, .tv_usec = 5'000};

}  // namespace

// The parts of a turn, compiled into it.

inline bool Connection::IsBlocked() const {
  return closing_ || waits_for_engine_ || stream_.has_unsent() || stream_.broken();
}

inline void Connection::ChargeHeap() {
  worker_.heap_budget().Charge(held_.heap_bytes() + stream_.HeapBytes(), charged_bytes_);
}

inline void Connection::NoteReceived(const Stream::Received& received, const ReadBuffer& input,
                                     bool& may_consume) {
  if (received.ended) {
    closing_ = true;
  }
  if (input.view().size() < session_.wanted_bytes()) [[unlikely]] {
    may_consume = false;
    last_active_sec_.store(worker_.NowSec(), std::memory_order_relaxed);
  }
}

/// Reads. Afterwards `may_consume` tells whether the session can make progress.
inline Stream::Received Connection::Receive(ReadBuffer& input, bool& may_consume) {
  if (session_.body_pending()) {
    const Stream::Received received = ReceiveBody(input);
    NoteReceived(received, input, may_consume);
    // A value that is there can be stored, whatever has come behind it.
    may_consume = may_consume || !session_.body_pending();
    return received;
  }
  std::span<char> room = input.Room();
  QUARRY_CHECK(!room.empty());
  if (worker_.heap_budget().is_tight() || expects_large_value_) [[unlikely]] {
    room = room.first(std::min(room.size(), BytesToRead(input)));
  }
  const Stream::Received received = stream_.Read(room);
  input.Fill(received.bytes);
  NoteReceived(received, input, may_consume);
  return received;
}

/// Lets the session go through the input. Returns the number of bytes sent meanwhile, or all that
/// one turn may send where the session lets others have theirs.
inline size_t Connection::Execute(Worker& worker, ReadBuffer& input, bool& asked_little) {
  command::ReplyBuffer& replies = worker.replies();
  const command::Session::Progress progress = session_.Consume(input.view(), replies);
  input.Drop(progress.consumed);
  last_active_sec_.store(worker.executor().moment().now.floor_sec, std::memory_order_relaxed);
  owes_consume_ = false;
  asked_little = progress.asked_little;
  if (progress.next == command::Session::Next::kRead) [[likely]] {
    return 0;
  }
  switch (progress.next) {
    case command::Session::Next::kRead:
      break;
    case command::Session::Next::kFlush:
      owes_consume_ = true;
      QUARRY_CHECK(!replies.empty());
      return stream_.Send(replies);
    case command::Session::Next::kYield:
      owes_consume_ = true;
      stream_.Send(replies);
      return worker.turn_budget_bytes();
    case command::Session::Next::kWait:
      waits_for_engine_ = true;
      break;
    case command::Session::Next::kClose:
      closing_ = true;
      break;
  }
  return 0;
}

/// What the connection does between two turns.
Connection::State Connection::Rest(bool had_its_share) const {
  if (stream_.broken() || (draining_ && session_.ignores_input())) {
    return State::kClosed;  // what is sent to one that ignores its input has no end
  }
  if (stream_.has_unsent()) {
    return State::kSending;
  }
  if (closing_) {
    return State::kClosed;
  }
  if (waits_for_engine_) {
    return State::kWaiting;
  }
  if (stream_.waits_to_write()) {
    return State::kSending;
  }
  // Bytes that are left in the socket bring an event by themselves; but draining wants to know that
  // none are left.
  if (owes_consume_ || stream_.has_input() || (draining_ && had_its_share)) {
    return State::kDeferred;
  }
  if (draining_ && held_.empty() && session_.idle()) {
    return stream_.AllAcknowledged() ? State::kClosed : State::kLingering;
  }
  return State::kReading;
}

inline Connection::Shown Connection::StateToShow() const {
  switch (state_) {
    case State::kReading:
      // Behind a complete line only a value can be missing.
      return session_.body_pending() ||
                     (!held_.empty() && held_.view().find('\n') != std::string_view::npos)
                 ? Shown::kPartlyRead
                 : Shown::kRead;
    case State::kSending:
      return Shown::kWrite;
    case State::kWaiting:
      return session_.ignores_input() ? Shown::kWatch : Shown::kPartlyRead;
    case State::kDeferred:
      return Shown::kExecute;
    case State::kLingering:
    case State::kClosed:
      break;
  }
  return Shown::kClosing;
}

/// The last thing that an event's handler does: the connection may be gone afterwards.
[[gnu::always_inline]] inline void Connection::Enter(State next) {
  const bool is_armed = next == State::kReading && socket_event_.wanted() == EPOLLIN;
  if (!is_armed && (next == State::kClosed || !ArmFor(next))) {
    worker_.Close(id_);
    return;
  }
  state_ = next;
  shown_.store(StateToShow(), std::memory_order_relaxed);
}

Connection::Connection(Worker& worker, uint64_t id, Accepted accepted)
    : worker_(worker),
      id_(id),
      stream_(std::move(accepted.socket), std::move(accepted.tls), worker.counters()),
      session_(worker.executor(), WakeUp(worker, id), stream_.socket()),
      last_active_sec_(worker.NowSec()) {
  if (accepted.listener->forms) {
    session_.Accept(*accepted.listener->forms);
  }
  socket_event_.Assign<&Connection::OnSocketEvent, &Connection::Gather>(worker.loop(),
                                                                        stream_.socket(), this);
}

void Connection::Start() {
  TellConnectionBegan(worker_.event_log(), worker_.event_ring(), stream_.socket());
  worker_.Debug("connection opened", stream_.socket());
  // The first request may have come with the end of a TLS handshake.
  Enter(stream_.has_input() ? Work(true) : State::kReading);
}

Connection::~Connection() {
  TellFailureOf(worker_.event_log(), worker_.event_ring(), stream_);
  TellConnectionEnded(worker_.event_log(), worker_.event_ring(), stream_.socket(), EndReason());
  worker_.Debug("connection closed", stream_.socket());
  worker_.heap_budget().Charge(0, charged_bytes_);
  command::ConnectionCounters& counters = worker_.connection_counters();
  if (stream_.is_tls_violated()) {
    counters.tls_protocol_errors.fetch_add(1, std::memory_order_relaxed);
  }
  counters.current.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::Wake() {
  if (!waits_for_engine_) {
    return;
  }
  waits_for_engine_ = false;
  owes_consume_ = true;
  if (state_ == State::kWaiting) {
    Enter(Work(false));
  }
}

void Connection::Resume() {
  in_deferred_queue_ = false;
  // An event may have come first, and have taken the turn.
  if (state_ == State::kDeferred) {
    Enter(Work(false));
  }
}

void Connection::Drain() {
  draining_ = true;
  if (session_.ignores_input()) {
    Enter(State::kClosed);  // what it is sent has no end
    return;
  }
  if (state_ == State::kReading) {
    Enter(Work(true));
  }
}

void Connection::CheckPace(uint32_t now_sec) {
  const bool upload = session_.IsUploadAwaited();
  const bool values = stream_.HoldsValues() && session_.AreValuesAwaited();
  if (!upload && !values) {
    pace_.reset();
    return;
  }
  if (pace_ == nullptr) {
    pace_ = std::make_unique<Pace>();
  }
  HearOfAnyInput();
  const uint64_t claim = uint64_t{session_.upload_count()} + stream_.backlog_count();
  if (!pace_->IsTooSlow(worker_.pace_limits(), claim, stream_.moved_bytes(), now_sec)) {
    return;
  }
  pace_.reset();
  // Behind replies that are not read its own could not be sent.
  const bool is_answered = upload && state_ == State::kReading;
  std::string_view what = "connection closed: slow to read while others waited for memory, client ";
  if (upload) {
    what = is_answered ? "upload ended: slow while others waited for memory, client "
                       : "connection closed: slow upload while others waited for memory, client ";
  }
  worker_.Report(std::string(what) + Describe(now_sec).address);
  if (is_answered) {
    EndUpload();
  } else {
    Enter(State::kClosed);
  }
}

void Connection::CheckIdle(uint32_t now_sec, uint32_t timeout_sec) {
  if (HearOfAnyInput()) {
    return;  // who was not heard of may not have been idle
  }
  // Relaxed: this thread has written it.
  const uint64_t last_active_sec = last_active_sec_.load(std::memory_order_relaxed);
  if (state_ == State::kReading && now_sec > last_active_sec + timeout_sec) {
    worker_.connection_counters().idle_kicks.fetch_add(1, std::memory_order_relaxed);
    was_idle_ = true;
    Enter(State::kClosed);
  }
}

/// Lets the socket tell of the least input; false where it does already.
bool Connection::HearOfAnyInput() {
  const bool had_low_water = stream_.has_low_water();
  if (had_low_water) {
    stream_.ResetLowWater();
  }
  return had_low_water;
}

void Connection::EndUpload() {
  session_.EndSlowUpload(worker_.replies());
  stream_.Send(worker_.replies());
  owes_consume_ = true;  // what is held of the value is to be dropped
  Enter(IsBlocked() ? Rest(false) : Work(false));
}

/// Reads and parses what has come, for a round in which nothing is executed before others have done
/// the same.
Gathered Connection::Gather() {
  if (!asks_little_ || worker_.heap_budget().is_tight()) {
    return Gathered::kLeft;
  }
  Round& round = worker_.round();
  if (!round.BeginPart()) {
    return Gathered::kFull;
  }
  const Stream::Received received = stream_.Read(round.Room());
  const std::string_view input = round.Fill(received.bytes);
  const command::Batch::Range requests = session_.AddTo(round.batch(), input);
  round.Add({.connection = this,
             .input = input,
             .requests = requests,
             .may_read = received.filled || received.ended,
             .spent_bytes = received.bytes});
  return Gathered::kTaken;
}

bool Connection::Answer(RoundPart& part) {
  Worker& worker = worker_;
  if (worker.heap_budget().is_tight()) [[unlikely]] {
    worker.BeginTurn();  // what others have left unsent counts
  }
  const command::Session::Progress progress =
      session_.Answer(part.requests, part.input, worker.replies());
  part.input.remove_prefix(progress.consumed);
  if (!worker.replies().empty()) {
    part.spent_bytes += stream_.Send(worker.replies());
  }
  last_active_sec_.store(worker.executor().moment().now.floor_sec, std::memory_order_relaxed);
  if (IsBlocked() || progress.next != command::Session::Next::kRead) [[unlikely]] {
    asks_little_ = false;
    owes_consume_ = !part.input.empty();
    held_.Assign(part.input);
    ChargeHeap();
    Enter(Rest(false));
    return true;
  }
  asks_little_ = progress.asked_little;
  return part.input.empty() && !part.may_read && !stream_.has_input() && !stream_.waits_to_write();
}

void Connection::GoOn(const RoundPart& part) {
  owes_consume_ = !part.input.empty();
  Enter(Work(part.may_read, part.input, part.spent_bytes));
}

void Connection::OnSocketEvent(uint32_t happened) {
  if (state_ == State::kReading || state_ == State::kDeferred) [[likely]] {
    Enter(Work(true));
  } else {
    OnObstacleEvent(happened);
  }
}

void Connection::OnObstacleEvent(uint32_t happened) {
  if (state_ == State::kSending) {
    if ((happened & (WantedForSending() | EPOLLERR | EPOLLHUP)) != 0) {
      OnWritable();
    }
  } else if (session_.ignores_input()) {
    DropInput();
  } else if (stream_.IsHungUp() || !socket_event_.Want(EPOLLIN | EPOLLET)) {
    // What has come has to wait, and would keep a level-triggered event firing; of an
    // edge-triggered one only news is heard.
    Enter(State::kClosed);
  }
}

void Connection::OnWritable() {
  // That the client took its time to read was not idling.
  last_active_sec_.store(worker_.NowSec(), std::memory_order_relaxed);
  stream_.SendUnsent();
  ChargeHeap();
  if (stream_.has_unsent() || stream_.broken() || closing_ || waits_for_engine_) {
    Enter(Rest(false));
  } else {
    Enter(Work(false));
  }
}

/// Reads what means nothing, and with it the end, which TLS may have taken from the socket already.
void Connection::DropInput() {
  ReadBuffer& input = worker_.read_buffer();
  for (int reads = 0; reads < kMaxDroppingReads; ++reads) {
    input.Load({});
    if (stream_.Read(input.Room()).ended) {
      Enter(State::kClosed);
      return;
    }
    if (!stream_.has_input()) {
      return;
    }
  }
}

void Connection::OnClosingTimer(EventFlags) {
  Enter(State::kClosed);
}

void Connection::OnLingerTimer(EventFlags) {
  if (stream_.AllAcknowledged()) {
    Enter(State::kClosed);
  }
}

/// One turn: reads and executes until nothing is left to do, something blocks, or the share of the
/// connection is used up. Replies leave in one call where they fit the reply buffer. `arrived` has
/// been read already, and nothing is held then; of the share `spent_bytes` are gone.
Connection::State Connection::Work(bool may_read, std::string_view arrived, size_t spent_bytes) {
  shown_.store(Shown::kExecute, std::memory_order_relaxed);
  if (timer_ != nullptr) {
    timer_.reset();
  }
  Worker& worker = worker_;
  ReadBuffer& input = worker.read_buffer();
  input.Load(arrived.empty() ? held_.view() : arrived);
  worker.BeginTurn();

  may_read = may_read || draining_ || stream_.has_input();
  bool had_its_share = false;
  bool asked_little = false;
  bool goes_on = owes_consume_ || may_read;
  while (goes_on) {
    bool may_consume = true;
    if (!owes_consume_) {
      const Stream::Received received = Receive(input, may_consume);
      spent_bytes += received.bytes;
      // A short read has emptied the socket: whatever comes later is a new event. Only the last
      // reads of all make sure.
      may_read = received.filled || (draining_ && received.bytes > 0);
    }
    if (may_consume) {
      spent_bytes += Execute(worker, input, asked_little);
    }
    goes_on = !IsBlocked() && (owes_consume_ || may_read);
    if (goes_on && spent_bytes >= worker.turn_budget_bytes()) {
      had_its_share = true;
      worker.connection_counters().yields.fetch_add(1, std::memory_order_relaxed);
      break;
    }
  }

  if (!worker.replies().empty()) {
    stream_.Send(worker.replies());
  }
  if (stream_.has_low_water() && !IsStreaming()) [[unlikely]] {
    stream_.ResetLowWater();
  }
  held_.Assign(input.view());
  ChargeHeap();
  const bool only_reads = !owes_consume_ && !draining_ && !IsBlocked() && !stream_.is_tls();
  const State next = only_reads ? State::kReading : Rest(had_its_share);
  asks_little_ = asked_little && next == State::kReading && !draining_;
  return next;
}

/// Sees to it that what ends the state is heard of. False when the loop refuses.
bool Connection::ArmFor(State next) {
  switch (next) {
    case State::kReading:
    case State::kWaiting:
      return socket_event_.Want(EPOLLIN);
    case State::kSending:
      return ArmForSending();
    case State::kDeferred:
      if (!in_deferred_queue_) {
        in_deferred_queue_ = true;
        worker_.Defer(id_);
      }
      return socket_event_.Want(EPOLLIN);
    case State::kLingering:
      socket_event_.Remove();
      return StartTimer<&Connection::OnLingerTimer>(kLingerInterval);
    case State::kClosed:
      break;
  }
  return true;
}

bool Connection::ArmForSending() {
  return socket_event_.Want(WantedForSending()) &&
         (!closing_ || StartTimer<&Connection::OnClosingTimer>(kClosingTimeout));
}

uint32_t Connection::WantedForSending() const {
  return stream_.writes_on_input() ? EPOLLIN : EPOLLOUT;
}

/// Has `Method` called after each such interval, until the next turn.
template <auto Method>
bool Connection::StartTimer(const timeval& interval) {
  timer_ = std::make_unique<Event>();
  timer_->Assign<Method>(worker_.loop(), -1, EV_PERSIST, this);
  return timer_->Add(&interval);
}

}  // namespace quarry::net
