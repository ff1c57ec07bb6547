#include "daemon/net/server.h"

#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <absl/base/thread_annotations.h>
#include <event2/event.h>

#include "core/base/check.h"
#include "core/base/mutex.h"
#include "daemon/net/background_steps.h"
#include "daemon/net/bind.h"
#include "daemon/net/certificate_refresh.h"
#include "daemon/net/event.h"
#include "daemon/net/heap_budget.h"
#include "daemon/net/listener.h"
#include "daemon/net/mailbox.h"
#include "daemon/net/socket_address.h"
#include "daemon/net/tls_contexts.h"
#include "daemon/net/worker.h"

namespace quarry::net {
namespace {

/// What one request of -R is worth: a turn ends after so many bytes for each.
constexpr size_t kBytesPerRequest = 4096;

/// How often events are handed to those who watch them, while there are any.
constexpr timeval kCollectInterval = {.tv_sec = 0, .tv_usec = 10'000};
constexpr timeval kOneSecond = {.tv_sec = 1, .tv_usec = 0};

constexpr std::array kEndingSignals = {SIGTERM, SIGINT, SIGUSR1};

absl::Status OpenBy(const FileOpener& opener, const std::function<absl::Status()>& open) {
  return opener ? opener(open) : open();
}

}  // namespace

class Server::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const ServerOptions& options,
                                                      command::ServerContext& context);

  absl::Status Run(const std::function<void()>& on_ready, const std::function<void()>& on_drain);
  void Stop();
  std::vector<ListenAddress> BoundAddresses() const;
  const std::vector<ListenAddress>& udp_addresses() const { return udp_addresses_; }
  std::vector<command::ConnectionInfo> ListConnections() const;
  void RefreshCertificates(std::shared_ptr<command::Verdict> verdict);
  std::optional<uint64_t> CertificateAgeSec() const;

 private:
  Impl(const ServerOptions& options, command::ServerContext& context)
      : options_(options), context_(context) {}

  absl::Status LoadCertificates();
  bool ReloadCertificates();
  absl::Status CreateWorkers();
  absl::Status Listen();
  absl::Status OpenUdp();
  void AddListener(FileDescriptor socket, const ListenerTraits& traits);
  void Adopt(Accepted accepted);
  absl::Status StartListening();
  absl::Status StartWorkers();
  void StopListening();
  void DrainWorkers();
  void Warn(const std::string& line);
  void OnEndingSignal(EventFlags happened);
  void OnHangupSignal(EventFlags happened);
  void OnSecond(EventFlags happened);
  void BeginCollecting();
  void OnCollect(EventFlags happened);

  // Constant after Create.
  const ServerOptions options_;
  command::ServerContext& context_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Mailbox> mailbox_;
  HeapBudget heap_budget_;
  const ListenerTraits unix_traits_;  // plain
  std::unique_ptr<TlsContexts> tls_;  // null where no listener speaks TLS
  std::vector<ListenAddress> udp_addresses_;
  std::vector<command::ConnectionInfo> udp_sockets_;  // as they are listed
  std::vector<std::unique_ptr<Worker>> workers_;

  // The thread of Run.
  std::array<Event, kEndingSignals.size()> signal_events_;
  Event hangup_event_;
  Event seconds_;
  Event collect_;                                    // armed while there are watchers
  std::optional<BackgroundSteps> background_steps_;  // while it serves
  size_t next_worker_ = 0;
  std::optional<UnixListenSocket> unix_socket_;

  // Any thread.
  std::atomic<uint32_t> certificates_at_sec_{0};  // when they were read; relaxed: for show
  CertificateRefresh certificate_refresh_{[this] {
    return ReloadCertificates();
  }};
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Listener>> listeners_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::unique_ptr<Server::Impl>> Server::Impl::Create(
    const ServerOptions& options, command::ServerContext& context) {
  QUARRY_CHECK(options.worker_count > 0);
  QUARRY_CHECK(context.workers.size() == options.worker_count);
  auto loop = EventLoop::Create();
  if (!loop.ok()) {
    return loop.status();
  }
  std::unique_ptr<Impl> impl(new Impl(options, context));
  impl->loop_ = *std::move(loop);
  auto mailbox = Mailbox::Create(*impl->loop_);
  if (!mailbox.ok()) {
    return mailbox.status();
  }
  impl->mailbox_ = *std::move(mailbox);
  if (absl::Status status = impl->LoadCertificates(); !status.ok()) {
    return status;
  }
  if (absl::Status status = impl->CreateWorkers(); !status.ok()) {
    return status;
  }
  if (absl::Status status = impl->Listen(); !status.ok()) {
    return status;
  }
  return impl;
}

absl::Status Server::Impl::LoadCertificates() {
  if (!options_.tls) {
    return absl::OkStatus();
  }
  return OpenBy(options_.open_certificates, [this] {
    auto contexts = TlsContexts::Load(*options_.tls);
    if (!contexts.ok()) {
      return contexts.status();
    }
    tls_ = *std::move(contexts);
    certificates_at_sec_ = context_.clock->Now().floor_sec;
    return absl::OkStatus();
  });
}

absl::Status Server::Impl::CreateWorkers() {
  const Worker::Options options = {
      .turn_budget_bytes = options_.max_requests_per_event * kBytesPerRequest,
      .drain_deadline_sec = options_.drain_deadline_sec,
      .pace = options_.pace,
      .heap_budget = &heap_budget_,
      .tls = tls_.get(),
      .report = [this](const std::string& line) { Warn(line); },
      .debug =
          [this](const std::string& line) {
            if (options_.debug) {
              options_.debug(line);
            }
          }};
  for (command::WorkerCounters& counters : context_.workers) {
    auto worker = Worker::Create(options, context_, counters);
    if (!worker.ok()) {
      return worker.status();
    }
    workers_.push_back(*std::move(worker));
  }
  return absl::OkStatus();
}

absl::Status Server::Impl::Listen() {
  auto sockets = BindTcp(options_.listen, options_.listen_backlog, options_.missing_family_is_fine);
  if (!sockets.ok()) {
    return sockets.status();
  }
  for (BoundSocket& bound : *sockets) {
    AddListener(std::move(bound.socket), options_.listen[bound.address_index].traits);
  }
  if (!options_.unix_socket.empty()) {
    absl::Status status = OpenBy(options_.open_unix_socket, [this] {
      auto bound = UnixListenSocket::Bind(options_.unix_socket, options_.unix_socket_mode,
                                          options_.listen_backlog);
      if (!bound.ok()) {
        return bound.status();
      }
      unix_socket_.emplace(*std::move(bound));
      return absl::OkStatus();
    });
    if (!status.ok()) {
      return status;
    }
    AddListener(unix_socket_->TakeSocket(), unix_traits_);
  }
  return OpenUdp();
}

absl::Status Server::Impl::OpenUdp() {
  auto sockets = BindUdp(options_.udp, options_.missing_family_is_fine);
  if (!sockets.ok()) {
    return sockets.status();
  }
  for (BoundSocket& bound : *sockets) {
    const SocketAddress address = SocketAddress::Local(bound.socket.value());
    udp_addresses_.push_back({.host = address.host(), .port = address.port()});
    udp_sockets_.push_back({.descriptor = bound.socket.value(),
                            .address = "udp:" + JoinHostPort(address.host(), address.port()),
                            .listen_address = {},
                            .state = "conn_read",
                            .idle_sec = 0});
    workers_[next_worker_]->ServeUdp(std::move(bound.socket),
                                     {.reply_factor = options_.udp_reply_factor});
    next_worker_ = (next_worker_ + 1) % workers_.size();
  }
  return absl::OkStatus();
}

void Server::Impl::AddListener(FileDescriptor socket, const ListenerTraits& traits) {
  QUARRY_CHECK(!traits.tls || tls_ != nullptr);
  const MutexLock lock(mutex_);
  listeners_.push_back(std::make_unique<Listener>(
      *loop_, context_.connections, std::move(socket),
      Listener::Options{.traits = &traits,
                        .max_connections = options_.max_connections,
                        .reject_beyond_limit = options_.reject_beyond_limit,
                        .sink = [this](Accepted accepted) { Adopt(std::move(accepted)); },
                        .warn = options_.warn,
                        .event_log = &context_.event_log}));
}

void Server::Impl::Adopt(Accepted accepted) {
  workers_[next_worker_]->Adopt(std::move(accepted));
  next_worker_ = (next_worker_ + 1) % workers_.size();
}

absl::Status Server::Impl::Run(const std::function<void()>& on_ready,
                               const std::function<void()>& on_drain) {
  signal(SIGPIPE, SIG_IGN);
  if (absl::Status status = StartListening(); !status.ok()) {
    return status;
  }
  absl::Status status = StartWorkers();
  if (status.ok()) {
    if (on_ready) {
      on_ready();
    }
    loop_->Run();
    if (on_drain) {
      on_drain();
    }
  }
  StopListening();
  certificate_refresh_.Finish();
  DrainWorkers();
  context_.event_log.OnFirstWatcher(nullptr);
  return status;
}

/// After an error some of them may run.
absl::Status Server::Impl::StartWorkers() {
  for (const auto& worker : workers_) {
    if (absl::Status status = worker->Start(); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Server::Impl::StartListening() {
  for (size_t i = 0; i < kEndingSignals.size(); ++i) {
    signal_events_[i].Assign<&Impl::OnEndingSignal>(*loop_, kEndingSignals[i],
                                                    EV_SIGNAL | EV_PERSIST, this);
    if (!signal_events_[i].Add()) {
      return absl::ResourceExhaustedError("event loop: cannot watch for signals");
    }
  }
  hangup_event_.Assign<&Impl::OnHangupSignal>(*loop_, SIGHUP, EV_SIGNAL | EV_PERSIST, this);
  if (!hangup_event_.Add()) {
    return absl::ResourceExhaustedError("event loop: cannot watch for signals");
  }
  background_steps_.emplace(*loop_, options_.background_step,
                            [this](const std::string& line) { Warn(line); });
  seconds_.Assign<&Impl::OnSecond>(*loop_, -1, EV_PERSIST, this);
  if (!seconds_.Add(&kOneSecond)) {
    return absl::ResourceExhaustedError("event loop: cannot set a timer");
  }
  collect_.Assign<&Impl::OnCollect>(*loop_, -1, EV_PERSIST, this);
  context_.event_log.OnFirstWatcher([this] { mailbox_->Post([this] { BeginCollecting(); }); });
  const MutexLock lock(mutex_);
  for (const auto& listener : listeners_) {
    if (!listener->Start()) {
      return absl::ResourceExhaustedError("event loop: cannot watch a listener");
    }
  }
  return absl::OkStatus();
}

void Server::Impl::StopListening() {
  std::vector<std::unique_ptr<Listener>> listeners;
  {
    const MutexLock lock(mutex_);
    listeners.swap(listeners_);
  }
  for (const auto& listener : listeners) {
    listener->Finish();
  }
  if (unix_socket_) {
    if (const absl::Status status = unix_socket_->Remove(); !status.ok()) {
      Warn("the UNIX socket stays behind: " + std::string(status.message()));
    }
  }
}

void Server::Impl::DrainWorkers() {
  for (const auto& worker : workers_) {
    worker->BeginDrain();
  }
  size_t cut = 0;
  for (const auto& worker : workers_) {
    worker->Join();
    cut += worker->cut_connections();
  }
  if (cut > 0) {
    Warn("drain deadline passed: " + std::to_string(cut) +
         " connections were cut before all was answered");
  }
}

void Server::Impl::Warn(const std::string& line) {
  if (options_.warn) {
    options_.warn(line);
  }
}

void Server::Impl::OnEndingSignal(EventFlags) {
  loop_->Break();
}

void Server::Impl::OnHangupSignal(EventFlags) {
  ReloadCertificates();
  if (options_.on_hangup) {
    options_.on_hangup();
  }
}

void Server::Impl::RefreshCertificates(std::shared_ptr<command::Verdict> verdict) {
  certificate_refresh_.Ask(std::move(verdict));
  mailbox_->Post([this] { certificate_refresh_.Serve(context_.clock->Now().floor_sec); });
}

/// On the thread of Run. False where there are none, or where those of before stay in use.
bool Server::Impl::ReloadCertificates() {
  if (tls_ == nullptr) {
    return false;
  }
  if (const absl::Status status = tls_->Reload(); !status.ok()) {
    Warn("certificates were not refreshed, those of before stay in use: " +
         std::string(status.message()));
    return false;
  }
  certificates_at_sec_.store(context_.clock->Now().floor_sec, std::memory_order_relaxed);
  return true;
}

std::optional<uint64_t> Server::Impl::CertificateAgeSec() const {
  if (tls_ == nullptr) {
    return std::nullopt;
  }
  return context_.clock->Now().floor_sec - certificates_at_sec_.load(std::memory_order_relaxed);
}

void Server::Impl::OnSecond(EventFlags) {
  certificate_refresh_.Serve(context_.clock->Now().floor_sec);
  background_steps_->Begin();
  if (context_.HasWaiters()) {
    for (const auto& worker : workers_) {
      worker->PostPaceCheck();
    }
  }
  if (options_.idle_timeout_sec > 0) {
    for (const auto& worker : workers_) {
      worker->PostIdleCheck(options_.idle_timeout_sec);
    }
  }
}

void Server::Impl::BeginCollecting() {
  if (!collect_.armed() && !collect_.Add(&kCollectInterval)) {
    Warn("those who watch get nothing: the event loop takes no more events");
  }
}

void Server::Impl::OnCollect(EventFlags) {
  if (!context_.event_log.has_watchers()) {
    collect_.Remove();
  }
  context_.event_log.Collect();
}

void Server::Impl::Stop() {
  mailbox_->Post([this] { loop_->Break(); });
}

std::vector<ListenAddress> Server::Impl::BoundAddresses() const {
  std::vector<ListenAddress> addresses;
  const MutexLock lock(mutex_);
  for (const auto& listener : listeners_) {
    const SocketAddress address = SocketAddress::Local(listener->socket());
    if (!address.is_unix()) {
      addresses.push_back(
          {.host = address.host(), .port = address.port(), .traits = listener->traits()});
    }
  }
  return addresses;
}

std::vector<command::ConnectionInfo> Server::Impl::ListConnections() const {
  std::vector<command::ConnectionInfo> list;
  {
    const MutexLock lock(mutex_);
    for (const auto& listener : listeners_) {
      list.push_back(listener->Describe());
    }
  }
  list.insert(list.end(), udp_sockets_.begin(), udp_sockets_.end());
  for (const auto& worker : workers_) {
    worker->List(list);
  }
  std::sort(list.begin(), list.end(),
            [](const auto& left, const auto& right) { return left.descriptor < right.descriptor; });
  return list;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Create(const ServerOptions& options,
                                                       command::ServerContext& context) {
  auto impl = Impl::Create(options, context);
  if (!impl.ok()) {
    return impl.status();
  }
  std::unique_ptr<Server> server(new Server());
  server->impl_ = *std::move(impl);
  context.directory = server.get();
  context.certificates = server.get();
  context.libevent_version = event_get_version();
  return server;
}

Server::Server() = default;
Server::~Server() = default;

absl::Status Server::Run(const std::function<void()>& on_ready,
                         const std::function<void()>& on_drain) {
  return impl_->Run(on_ready, on_drain);
}

void Server::Stop() {
  impl_->Stop();
}

std::vector<ListenAddress> Server::bound_addresses() const {
  return impl_->BoundAddresses();
}

std::vector<ListenAddress> Server::bound_udp_addresses() const {
  return impl_->udp_addresses();
}

std::vector<command::ConnectionInfo> Server::ListConnections() const {
  return impl_->ListConnections();
}

void Server::RefreshCertificates(std::shared_ptr<command::Verdict> verdict) {
  impl_->RefreshCertificates(std::move(verdict));
}

std::optional<uint64_t> Server::CertificateAgeSec() const {
  return impl_->CertificateAgeSec();
}

}  // namespace quarry::net
