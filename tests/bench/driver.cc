#include "tests/bench/driver.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "tests/bench/socket.h"

namespace quarry::bench {
namespace {

constexpr size_t kReadBufferBytes = 256 * 1024;
constexpr size_t kEventsPerWait = 256;
constexpr double kNsPerSecond = 1e9;
/// How long a loop that does not spin may overlook a time limit.
constexpr int kLongestWaitMs = 20;

double SecondsBetween(uint64_t begin_ns, uint64_t end_ns) {
  return static_cast<double>(end_ns - begin_ns) / kNsPerSecond;
}

std::optional<ProcessCpuClock> ServerClock(int pid) {
  return pid == 0 ? std::nullopt : ProcessCpuClock::Of(pid);
}

}  // namespace

Driver::Driver(const Options& options, const RequestWriter& writer, KeyPattern* pattern)
    : options_(options),
      server_cpu_(ServerClock(options.server_pid)),
      read_buffer_(kReadBufferBytes),
      counters_(std::make_unique<Counters>()),
      traffic_{writer,
               *pattern,
               *counters_,
               errors_,
               read_buffer_,
               options.get_share,
               options.set_share,
               static_cast<size_t>(options.keys_per_get),
               options.verify} {}

Driver::~Driver() {
  if (epoll_fd_ >= 0) {
    close(epoll_fd_);
  }
}

std::string Driver::Open() {
  if (options_.server_pid != 0 && !server_cpu_.has_value()) {
    return "--server-pid: there is no process " + std::to_string(options_.server_pid);
  }
  if (!options_.server_idle_path.empty()) {
    std::string error;
    server_idle_ = IdleCounter::Open(options_.server_idle_path, &error);
    if (server_idle_ == nullptr) {
      return "--server-idle: " + error;
    }
  }
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd_ < 0) {
    return "epoll_create1: " + std::generic_category().message(errno);
  }
  std::unique_ptr<TlsClient> tls_client;
  if (options_.tls.wanted) {
    std::string error;
    tls_client = TlsClient::Create(options_.tls.cipher, &error);
    if (tls_client == nullptr) {
      return error;
    }
  }
  Random seeds(options_.seed);
  for (int i = 0; i < options_.connections; ++i) {
    std::string error = OpenConnection(tls_client.get(), seeds.Next());
    if (!error.empty()) {
      return error;
    }
  }
  return {};
}

std::string Driver::OpenConnection(const TlsClient* tls_client, uint64_t seed) {
  std::string error;
  const int fd = Connect(options_.server, &error);
  if (fd < 0) {
    return error;
  }
  std::unique_ptr<TlsStream> tls = tls_client != nullptr ? tls_client->Open(fd, &error) : nullptr;
  if (!error.empty()) {
    close(fd);
    return error;
  }
  slots_.push_back({std::make_unique<Connection>(fd, std::move(tls), seed, &traffic_)});
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = slots_.size() - 1;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    return "epoll_ctl: " + std::generic_category().message(errno);
  }
  idle_.push_back(slots_.size() - 1);
  return {};
}

RunResult Driver::Run(const RunLimits& limits) {
  Begin(limits);
  std::array<epoll_event, kEventsPerWait> events{};
  while (phase_ != Phase::kDone) {
    StartDue();
    const int count = epoll_wait(epoll_fd_, events.data(), kEventsPerWait, WaitTimeoutMs());
    if (count < 0 && errno != EINTR) {
      GiveUp("epoll_wait: " + std::generic_category().message(errno), MonotonicNs());
    }
    for (size_t i = 0; i < static_cast<size_t>(std::max(count, 0)); ++i) {
      Serve(events[i].data.u64, events[i].events);
      StartDue();
    }
    UpdatePhase(MonotonicNs());
  }
  result_.errors = errors_;
  return std::move(result_);
}

void Driver::Begin(const RunLimits& limits) {
  const uint64_t now_ns = MonotonicNs();
  limits_ = limits;
  result_ = RunResult();
  errors_ = ErrorCounts();
  last_reply_ns_ = now_ns;
  due_ns_ = static_cast<double>(now_ns);
  phase_ = Phase::kWarmup;
  phase_begin_ns_ = now_ns;
  started_requests_ = 0;
  UpdatePhase(now_ns);
}

void Driver::EnterWindow(uint64_t now_ns) {
  phase_ = Phase::kMeasuring;
  started_requests_ = 0;
  *counters_ = Counters();
  cpu_begin_ns_ = server_cpu_.has_value() ? server_cpu_->Ns() : 0;
  idle_begin_ns_ = server_idle_ != nullptr ? server_idle_->Ns() : 0;
  phase_begin_ns_ = now_ns;
}

void Driver::LeaveWindow(uint64_t now_ns) {
  result_.seconds = SecondsBetween(phase_begin_ns_, now_ns);
  result_.server_cpu_ns = server_cpu_.has_value() ? server_cpu_->Ns() - cpu_begin_ns_ : 0;
  result_.server_idle_ns = server_idle_ != nullptr ? server_idle_->Ns() - idle_begin_ns_ : 0;
  result_.counters = std::make_unique<Counters>(*counters_);
  phase_ = Phase::kDraining;
}

void Driver::UpdatePhase(uint64_t now_ns) {
  if (phase_ == Phase::kWarmup &&
      SecondsBetween(phase_begin_ns_, now_ns) >= limits_.warmup_seconds) {
    EnterWindow(now_ns);
  }
  if (phase_ == Phase::kMeasuring && ReachedLimit(now_ns)) {
    LeaveWindow(now_ns);
  }
  if (phase_ == Phase::kDraining && busy_count_ == 0) {
    phase_ = Phase::kDone;
  }
  if (phase_ == Phase::kDone) {
    return;
  }
  if (busy_count_ == 0 && idle_.empty()) {
    GiveUp("the server closed every connection", now_ns);
  } else if (busy_count_ > 0 && SecondsBetween(last_reply_ns_, now_ns) > options_.stall_seconds) {
    GiveUp("no reply for too long", now_ns);
  }
}

bool Driver::ReachedLimit(uint64_t now_ns) const {
  const bool time_is_up =
      limits_.seconds > 0 && SecondsBetween(phase_begin_ns_, now_ns) >= limits_.seconds;
  const bool all_answered =
      limits_.requests > 0 && started_requests_ >= limits_.requests && busy_count_ == 0;
  return time_is_up || all_answered;
}

void Driver::GiveUp(std::string why, uint64_t now_ns) {
  if (result_.counters == nullptr) {
    LeaveWindow(now_ns);
  }
  result_.failure = std::move(why);
  phase_ = Phase::kDone;
}

int Driver::WaitTimeoutMs() const {
  if (options_.spin) {
    return 0;
  }
  if (limits_.requests_per_second == 0 || idle_.empty()) {
    return kLongestWaitMs;
  }
  const double left_ns = due_ns_ - static_cast<double>(MonotonicNs());
  return static_cast<int>(std::clamp(left_ns / 1e6, 0.0, double{kLongestWaitMs}));
}

void Driver::Serve(size_t slot_index, uint32_t events) {
  if (slots_[slot_index].connection == nullptr) {
    return;
  }
  Connection& connection = *slots_[slot_index].connection;
  const bool was_busy = connection.state() == Connection::State::kBusy;
  if ((events & EPOLLOUT) != 0) {
    connection.OnWritable();
  }
  if ((events & ~uint32_t{EPOLLOUT}) != 0 && connection.state() != Connection::State::kClosed) {
    connection.OnReadable();
    last_reply_ns_ = MonotonicNs();
  }
  if (was_busy && connection.state() != Connection::State::kBusy) {
    --busy_count_;
  }
  if (was_busy && connection.state() == Connection::State::kIdle) {
    idle_.push_back(slot_index);
  }
  Settle(slot_index);
}

void Driver::StartDue() {
  while (!idle_.empty() && MayStart()) {
    const uint64_t now_ns = MonotonicNs();
    uint64_t start_ns = now_ns;
    if (limits_.requests_per_second > 0) {
      if (due_ns_ > static_cast<double>(now_ns)) {
        return;
      }
      start_ns = static_cast<uint64_t>(due_ns_);
      due_ns_ += kNsPerSecond * options_.pipeline_depth / limits_.requests_per_second;
    }
    const size_t slot_index = idle_.front();
    idle_.pop_front();
    if (slots_[slot_index].connection == nullptr) {
      continue;
    }
    const int count = NextBurst();
    started_requests_ += static_cast<uint64_t>(count);
    Connection& connection = *slots_[slot_index].connection;
    connection.StartBurst(count, start_ns);
    if (connection.state() == Connection::State::kBusy) {
      ++busy_count_;
    }
    Settle(slot_index);
  }
}

int Driver::NextBurst() const {
  if (phase_ != Phase::kMeasuring || limits_.requests == 0) {
    return options_.pipeline_depth;
  }
  const uint64_t left = limits_.requests - started_requests_;
  return static_cast<int>(std::min(left, static_cast<uint64_t>(options_.pipeline_depth)));
}

bool Driver::MayStart() const {
  switch (phase_) {
    case Phase::kWarmup:
      return true;
    case Phase::kMeasuring:
      return limits_.requests == 0 || started_requests_ < limits_.requests;
    case Phase::kDraining:
    case Phase::kDone:
      break;
  }
  return false;
}

/// Brings epoll's interest in line with what the connection needs now, and forgets it where it is
/// closed.
void Driver::Settle(size_t slot_index) {
  Slot& slot = slots_[slot_index];
  if (slot.connection->state() == Connection::State::kClosed) {
    slot.connection.reset();  // closing the descriptor also takes it out of the epoll set
    return;
  }
  const bool wants_write = slot.connection->wants_write();
  if (wants_write == slot.watches_writes) {
    return;
  }
  epoll_event event{};
  event.events = wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = slot_index;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, slot.connection->fd(), &event) == 0) {
    slot.watches_writes = wants_write;
  }
}

}  // namespace quarry::bench
