#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/counters.h"
#include "tests/bench/cpu_clock.h"
#include "tests/bench/idle_counter.h"
#include "tests/bench/key_pattern.h"
#include "tests/bench/options.h"
#include "tests/bench/request_writer.h"
#include "tests/bench/tls_client.h"

namespace quarry::bench {

/// How one run ends, and how it is paced.
struct RunLimits {
  uint64_t requests = 0;  // 0 for no bound
  double seconds = 0;     // of the measured window; 0 for no bound
  double warmup_seconds = 0;
  double requests_per_second = 0;  // 0 for a closed loop
};

/// What one run measured.
struct RunResult {
  std::unique_ptr<Counters> counters;  // of the measured window
  ErrorCounts errors;                  // of the whole run
  double seconds = 0;                  // length of the measured window
  uint64_t server_cpu_ns = 0;          // spent in it, where the server's process is known
  uint64_t server_idle_ns = 0;         // the part of that which was spun away with nothing to do
  std::string failure;                 // why the run was given up, or empty
};

/// Drives all connections of a run from one thread: one epoll loop that, where it spins, never
/// sleeps. Connections stay open from one run to the next.
class Driver {
 public:
  Driver(const Options& options, const RequestWriter& writer, KeyPattern* pattern);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Opens the connections. Returns why that failed, or an empty text.
  std::string Open();

  /// Sends requests until a limit is reached, then waits for the replies still owed. The measured
  /// window begins after the warm-up and ends at the time limit, or with the last reply where the
  /// number of requests is what is limited.
  RunResult Run(const RunLimits& limits);

 private:
  enum class Phase {
    kWarmup,
    kMeasuring,
    kDraining,
    kDone
  };

  struct Slot {
    std::unique_ptr<Connection> connection;  // empty once it was closed
    bool watches_writes = false;
  };

  /// Opens one connection, over TLS where `tls_client` is not nullptr. Returns why that failed.
  std::string OpenConnection(const TlsClient* tls_client, uint64_t seed);
  void Begin(const RunLimits& limits);
  void EnterWindow(uint64_t now_ns);
  void LeaveWindow(uint64_t now_ns);
  void UpdatePhase(uint64_t now_ns);
  bool ReachedLimit(uint64_t now_ns) const;
  void GiveUp(std::string why, uint64_t now_ns);
  int WaitTimeoutMs() const;
  void Serve(size_t slot_index, uint32_t events);
  void StartDue();
  void Settle(size_t slot_index);
  bool MayStart() const;
  int NextBurst() const;

  // Constant after construction.
  const Options options_;
  const std::optional<ProcessCpuClock> server_cpu_;
  std::unique_ptr<IdleCounter> server_idle_;  // empty where the server keeps none

  std::vector<char> read_buffer_;
  std::unique_ptr<Counters> counters_;
  ErrorCounts errors_;
  Traffic traffic_;
  int epoll_fd_ = -1;
  std::vector<Slot> slots_;

  // The run under way.
  RunLimits limits_;
  RunResult result_;
  Phase phase_ = Phase::kDone;
  uint64_t started_requests_ = 0;
  uint64_t phase_begin_ns_ = 0;
  uint64_t cpu_begin_ns_ = 0;
  uint64_t idle_begin_ns_ = 0;
  uint64_t last_reply_ns_ = 0;
  double due_ns_ = 0;  // when the next burst is due, where the loop is open
  std::deque<size_t> idle_;
  size_t busy_count_ = 0;
};

}  // namespace quarry::bench
