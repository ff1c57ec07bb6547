#include "daemon/net/worker.h"

#include <pthread.h>

#include <system_error>
#include <utility>

#include "core/base/check.h"
#include "core/base/signal_mask.h"
#include "daemon/net/connection_events.h"
#include "daemon/net/socket_address.h"

namespace quarry::net {
namespace {

constexpr timeval kAtOnce = {.tv_sec = 0, .tv_usec = 0};

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Create(const Options& options,
                                                       command::ServerContext& context,
                                                       command::WorkerCounters& counters) {
  auto loop = EventLoop::Create();
  if (!loop.ok()) {
    return loop.status();
  }
  auto mailbox = Mailbox::Create(**loop);
  if (!mailbox.ok()) {
    return mailbox.status();
  }
  return std::unique_ptr<Worker>(
      new Worker(options, context, counters, *std::move(loop), *std::move(mailbox)));
}

Worker::Worker(const Options& options, command::ServerContext& context,
               command::WorkerCounters& counters, std::unique_ptr<EventLoop> loop,
               std::unique_ptr<Mailbox> mailbox)
    : options_(options),
      context_(context),
      counters_(counters),
      loop_(std::move(loop)),
      mailbox_(std::move(mailbox)),
      executor_(context, counters),
      round_(executor_.batch()),
      replies_(reply_scratch_) {
  static_assert(kReplyScratchBytes >= command::Session::kMinReplyRoom);
  static_assert(HeapBudget::kTightReplyBytes >= command::Session::kMinReplyRoom);
  loop_->socket_poll().FinishGatheredBy([this] { FinishRound(); });
  deferred_event_.Assign<&Worker::OnDeferred>(*loop_, -1, 0, this);
  drain_deadline_.Assign<&Worker::OnDrainDeadline>(*loop_, -1, 0, this);
  if (options_.tls != nullptr) {
    const TlsOptions& tls = options_.tls->options();
    tls_scratch_ = std::make_unique<TlsScratch>(tls.write_buffer_bytes, heap_budget());
    handshakes_ = std::make_unique<TlsHandshakes>(
        *loop_, context_.connections,
        TlsHandshakes::Options{.limit_ms = tls.handshake_limit_ms,
                               .count_sessions = tls.session_tickets,
                               .tell_failure =
                                   [this](int socket, std::string_view reason) {
                                     TellFailure(event_log(), event_ring(), kTlsFailure, socket,
                                                 reason);
                                   },
                               .sink =
                                   [this](Accepted accepted) {
                                     Open(std::move(accepted));
                                   }});
  }
}

Worker::~Worker() {
  QUARRY_CHECK(!thread_.joinable());
}

absl::Status Worker::Start() {
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { RunThread(); });
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(std::string("a worker's thread: ") + error.what());
  }
  pthread_setname_np(thread_.native_handle(), "quarry-worker");
  return absl::OkStatus();
}

void Worker::BeginDrain() {
  mailbox_->Post([this] { Drain(); });
}

void Worker::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Worker::Adopt(Accepted accepted) {
  mailbox_->Post([this, accepted = std::move(accepted)]() mutable { Begin(std::move(accepted)); });
}

void Worker::Begin(Accepted accepted) {
  if (!accepted.listener->tls) {
    Open(std::move(accepted));
    return;
  }
  accepted.tls =
      options_.tls->NewChannel(accepted.socket.value(), *accepted.listener->tls, *tls_scratch_);
  if (accepted.tls == nullptr) {
    context_.connections.current.fetch_sub(1, std::memory_order_relaxed);
    return;  // out of memory
  }
  handshakes_->Begin(std::move(accepted));
}

void Worker::Open(Accepted accepted) {
  Connection& connection = connections_.Open(*this, std::move(accepted));
  connection.Start();
}

void Worker::ServeUdp(FileDescriptor socket, UdpEndpoint::Options options) {
  mailbox_->Post([this, socket = std::move(socket), options]() mutable {
    udp_endpoints_.push_back(std::make_unique<UdpEndpoint>(
        UdpEndpoint::Context{*loop_, executor_, counters_, replies_}, std::move(socket), options));
    if (!udp_endpoints_.back()->Start()) {
      Report("UDP stays off: the event loop takes no more events");
      udp_endpoints_.pop_back();
    }
  });
}

void Worker::Wake(uint64_t connection_id) {
  mailbox_->Post([this, connection_id] {
    if (Connection* connection = connections_.Find(connection_id)) {
      connection->Wake();
    }
  });
}

void Worker::PostPaceCheck() {
  mailbox_->Post([this] { CheckPace(); });
}

void Worker::CheckPace() {
  const uint32_t now_sec = NowSec();
  for (const uint64_t id : connections_.ids()) {
    if (Connection* connection = connections_.Find(id)) {
      connection->CheckPace(now_sec);
    }
  }
}

void Worker::PostIdleCheck(uint32_t timeout_sec) {
  mailbox_->Post([this, timeout_sec] { CheckIdle(timeout_sec); });
}

void Worker::CheckIdle(uint32_t timeout_sec) {
  const uint32_t now_sec = NowSec();
  for (const uint64_t id : connections_.ids()) {
    if (Connection* connection = connections_.Find(id)) {
      connection->CheckIdle(now_sec, timeout_sec);
    }
  }
}

void Worker::List(std::vector<command::ConnectionInfo>& list) const {
  connections_.List(NowSec(), list);
}

void Worker::RunThread() {
  loop_->Run();
  if (handshakes_ != nullptr) {
    handshakes_->CloseAll();
  }
  connections_.CloseAll();
}

void Worker::WriteDebug(const char* event, int socket) {
  std::string line = std::string(event) + " fd=" + std::to_string(socket);
  // Of a connection that its client has reset, only the line of its beginning tells the address.
  if (const SocketAddress client = SocketAddress::Peer(socket); client.is_known()) {
    line += " client=" + client.Describe();
  }
  options_.debug(line);
}

void Worker::Drain() {
  draining_ = true;
  udp_endpoints_.clear();
  if (handshakes_ != nullptr) {
    handshakes_->CloseAll();  // no request of theirs has come
  }
  for (const uint64_t id : connections_.ids()) {
    if (Connection* connection = connections_.Find(id)) {
      connection->Drain();
    }
  }
  const timeval deadline = {.tv_sec = options_.drain_deadline_sec, .tv_usec = 0};
  if (connections_.size() == 0) {
    loop_->Break();
  } else if (!drain_deadline_.Add(&deadline)) {
    OnDrainDeadline(EV_TIMEOUT);
  }
}

void Worker::OnDrainDeadline(EventFlags) {
  cut_connections_ = connections_.size();
  loop_->Break();
}

void Worker::FinishRound() {
  executor_.ReadClock();
  BeginTurn();
  round_.Finish();
}

void Worker::Defer(uint64_t connection_id) {
  deferred_.push_back(connection_id);
  if (!deferred_event_.armed()) {
    // Without its timer the queue would be forgotten, and there is no other way to be called.
    QUARRY_CHECK(deferred_event_.Add(&kAtOnce));
  }
}

void Worker::OnDeferred(EventFlags) {
  deferred_event_.Remove();
  std::vector<uint64_t> deferred;
  deferred.swap(deferred_);
  for (const uint64_t id : deferred) {
    if (Connection* connection = connections_.Find(id)) {
      connection->Resume();
    }
  }
}

void Worker::Close(uint64_t connection_id) {
  connections_.Close(connection_id);
  if (draining_ && connections_.size() == 0) {
    loop_->Break();
  }
}

}  // namespace quarry::net
