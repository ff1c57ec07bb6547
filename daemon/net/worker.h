#pragma once

#include <sys/time.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "core/base/cache_line.h"
#include "core/base/wake_up.h"
#include "daemon/command/executor.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/server_status.h"
#include "daemon/net/accepted.h"
#include "daemon/net/connection_table.h"
#include "daemon/net/event.h"
#include "daemon/net/heap_budget.h"
#include "daemon/net/input.h"
#include "daemon/net/mailbox.h"
#include "daemon/net/pace.h"
#include "daemon/net/round.h"
#include "daemon/net/tls_contexts.h"
#include "daemon/net/tls_handshakes.h"
#include "daemon/net/udp_endpoint.h"

namespace quarry::net {

/// One thread, its event loop, and the connections that it serves, with what they share: the
/// executor, the read buffer, and the scratch memory for replies. On cache lines of its own.
class alignas(kCacheLineBytes) Worker final : public Waker {
 public:
  struct Options {
    size_t turn_budget_bytes = 80 << 10;  ///< read and sent for one connection before others go on
    uint32_t drain_deadline_sec = 5;
    PaceLimits pace;
    HeapBudget* heap_budget = nullptr;  ///< of all workers
    TlsContexts* tls = nullptr;         ///< of all workers; null where no listener speaks TLS
    /// Takes a line for the log, on the worker's thread.
    std::function<void(const std::string& line)> report;
    std::function<void(const std::string& line)> debug;  ///< the same for a line of that level
  };

  /// `context` outlives the worker; `counters` is this worker's element of context.workers.
  static absl::StatusOr<std::unique_ptr<Worker>> Create(const Options& options,
                                                        command::ServerContext& context,
                                                        command::WorkerCounters& counters);

  /// Join has been called since Start, or Start has not begun the thread.
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // For the thread that started it.

  /// Runs the loop in a thread named quarry-worker, which gets no signals but of its own faults.
  /// ResourceExhausted when the system has no thread to give.
  absl::Status Start();
  /// Asks the thread to end once its connections have been drained, or have had the time for it.
  void BeginDrain();
  /// Waits for that end, if there is a thread. Afterwards no connection is left.
  void Join();
  /// After Join: how many connections had not finished at the deadline.
  size_t cut_connections() const { return cut_connections_; }

  // For any thread.

  /// Serves a connection, which has been counted as current; its TLS handshake is yet to come.
  void Adopt(Accepted accepted);
  /// Answers the requests that come to a UDP socket, until it drains.
  void ServeUdp(FileDescriptor socket, UdpEndpoint::Options options);
  /// Tells the connection, if it is still there, that its session may go on.
  void Wake(uint64_t connection_id) override;
  /// Clients wait for memory: those who hold it and are slow have to give it back.
  void PostPaceCheck();
  /// Closes the connections that have asked for nothing for longer than so many seconds.
  void PostIdleCheck(uint32_t timeout_sec);
  void List(std::vector<command::ConnectionInfo>& list) const;

  // For the worker's own connections, on its thread.

  EventLoop& loop() { return *loop_; }
  command::Executor& executor() { return executor_; }
  command::WorkerCounters& counters() { return counters_; }
  command::ConnectionCounters& connection_counters() { return context_.connections; }
  /// Theirs during a turn.
  ReadBuffer& read_buffer() { return read_buffer_; }
  /// What those that are gathered share.
  Round& round() { return round_; }
  /// Theirs during a turn; empty at its beginning and at its end.
  command::ReplyBuffer& replies() { return replies_; }
  size_t turn_budget_bytes() const { return options_.turn_budget_bytes; }
  HeapBudget& heap_budget() { return *options_.heap_budget; }
  /// Decides how much the turn that begins may answer at a time.
  void BeginTurn() {
    if (heap_budget().is_tight()) [[unlikely]] {
      replies_.Limit(HeapBudget::kTightReplyBytes, HeapBudget::kTightReplyPieces,
                     heap_budget().takes_long_texts());
    } else {
      replies_.Unlimit();
    }
  }
  const PaceLimits& pace_limits() const { return options_.pace; }
  void Report(const std::string& line) { options_.report(line); }
  /// Logs what happened to a socket, if the verbosity asks for it.
  void Debug(const char* event, int socket) {
    if (context_.verbosity.load(std::memory_order_relaxed) > 0) [[unlikely]] {
      WriteDebug(event, socket);
    }
  }
  command::EventLog& event_log() { return context_.event_log; }
  command::EventRing& event_ring() { return executor_.observer().ring(); }
  uint32_t NowSec() const { return context_.clock->Now().floor_sec; }
  /// Calls the connection's Resume after the sockets have been looked at again.
  void Defer(uint64_t connection_id);
  /// Destroys the connection.
  void Close(uint64_t connection_id);

 private:
  /// Eight times what a session needs at least, so that most pipelines are answered in one call.
  static constexpr size_t kReplyScratchBytes = 65536;

  Worker(const Options& options, command::ServerContext& context, command::WorkerCounters& counters,
         std::unique_ptr<EventLoop> loop, std::unique_ptr<Mailbox> mailbox);

  void RunThread();
  void Begin(Accepted accepted);
  void Open(Accepted accepted);
  void WriteDebug(const char* event, int socket);
  void Drain();
  void CheckPace();
  void CheckIdle(uint32_t timeout_sec);
  void FinishRound();
  void OnDeferred(EventFlags happened);
  void OnDrainDeadline(EventFlags happened);

  // Constant after construction.
  const Options options_;
  command::ServerContext& context_;
  command::WorkerCounters& counters_;
  const std::unique_ptr<EventLoop> loop_;
  const std::unique_ptr<Mailbox> mailbox_;

  // The worker's thread only.
  command::Executor executor_;
  ReadBuffer read_buffer_;
  Round round_;
  std::array<char, kReplyScratchBytes> reply_scratch_ = {};
  command::ReplyBuffer replies_;
  std::unique_ptr<TlsScratch> tls_scratch_;    // null where no listener speaks TLS
  ConnectionTable connections_;                // which can also be listed from elsewhere
  std::unique_ptr<TlsHandshakes> handshakes_;  // likewise
  std::vector<std::unique_ptr<UdpEndpoint>> udp_endpoints_;
  std::vector<uint64_t> deferred_;
  Event deferred_event_;
  Event drain_deadline_;
  bool draining_ = false;
  size_t cut_connections_ = 0;

  // The owner's thread only.
  std::thread thread_;
};

}  // namespace quarry::net
