#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "core/base/cache_line.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/engine.h"
#include "daemon/command/awaited_reply.h"
#include "daemon/command/event_log.h"
#include "daemon/command/login_service.h"
#include "daemon/command/prefix_stats.h"
#include "daemon/command/user_store.h"
#include "protocol/parser.h"

namespace quarry::command {

/// What the network layer counts, for `stats`. One object for the process. Counters are relaxed:
/// each is exact, but two read together may belong to different moments.
struct ConnectionCounters {
  std::atomic<uint64_t> current{0};
  std::atomic<uint64_t> total{0};
  std::atomic<uint64_t> rejected{0};
  std::atomic<uint64_t> yields{0};      ///< turns that ended because a connection had had its share
  std::atomic<uint64_t> idle_kicks{0};  ///< closed because they asked for nothing
  std::atomic<uint64_t> listen_pauses{0};     ///< times that a listener has stopped accepting
  std::atomic<uint64_t> listen_paused_us{0};  ///< the time of those that are over
  std::atomic<uint64_t> paused_listeners{0};  ///< at present
  std::atomic<uint64_t> tls_new_sessions{0};  ///< where sessions can be resumed: the others
  std::atomic<uint64_t> tls_handshake_errors{0};
  std::atomic<uint64_t> tls_protocol_errors{0};  ///< after the handshake; counted at the end
};

/// One line group of `stats conns`.
struct ConnectionInfo {
  int descriptor = -1;
  std::string address;         ///< "tcp:127.0.0.1:11211", "tcp6:[::1]:11211", "unix:/path"
  std::string listen_address;  ///< empty for a listener
  const char* state = "conn_read";
  uint64_t idle_sec = 0;  ///< since the last command
};

/// Lists the connections of all workers. Implemented by the network layer; safe on any thread.
class ConnectionDirectory {
 public:
  virtual ~ConnectionDirectory() = default;
  virtual std::vector<ConnectionInfo> ListConnections() const = 0;
};

/// The certificates by which the server shows who it is. Implemented by the network layer; safe on
/// any thread.
class Certificates {
 public:
  virtual ~Certificates() = default;
  /// Has their files read again soon, but not at any rate, and tells `verdict` whether that went
  /// well: if not, those of before stay in use.
  virtual void RefreshCertificates(std::shared_ptr<Verdict> verdict) = 0;
  /// The seconds since they were read; nothing where no listener speaks TLS.
  virtual std::optional<uint64_t> CertificateAgeSec() const = 0;
};

/// What one worker counts. Written by that worker alone, read by any thread, relaxed; on a cache
/// line of its own.
struct alignas(kCacheLineBytes) WorkerCounters {
  std::atomic<uint64_t> bytes_read{0};
  std::atomic<uint64_t> bytes_written{0};
  std::atomic<uint64_t> flush_cmds{0};
  std::atomic<uint64_t> meta_cmds{0};  ///< me
  std::atomic<uint64_t> auth_cmds{0};  ///< logins that were tried
  std::atomic<uint64_t> auth_errors{0};
};

/// The workers' counters summed.
struct WorkerTotals {
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t flush_cmds = 0;
  uint64_t meta_cmds = 0;
  uint64_t auth_cmds = 0;
  uint64_t auth_errors = 0;
};

/// What `slabs automove` has set, for `stats settings`. Only whether the mode is 0 means something
/// to the engine, which weighs pages by measures of its own; the rest is kept and shown.
struct AutomoveSettings {
  std::atomic<uint32_t> mode{1};  ///< 0 to 2
  std::atomic<double> ratio{0.8};
  std::atomic<double> free_ratio{0.01};
  std::atomic<uint32_t> window{10};
};

/// What `lru tune` has set, for `stats settings`. The engine has no such shares and ages: it
/// divides a list by one rule of its own.
struct LruTuningSettings {
  std::atomic<uint32_t> hot_percent{0};
  std::atomic<uint32_t> warm_percent{80};
  std::atomic<double> hot_factor{0};
  std::atomic<double> warm_factor{0};
};

/// What all executors share: the engine and what the commands report or obey. Set up before the
/// first worker starts; the pointers outlive the workers.
struct ServerContext {
  core::Engine* engine = nullptr;
  const Clock* clock = nullptr;
  const ConnectionDirectory* directory = nullptr;
  /// Who may log in by text, and in binary. Where any is set, nothing else is done for a client
  /// before it has logged in, and a protocol without users is shut.
  const UserStore* text_users = nullptr;
  const UserStore* sasl_users = nullptr;
  LoginService* sasl_service = nullptr;  ///< knows the users of binary instead
  Certificates* certificates = nullptr;
  ConnectionCounters connections;
  std::vector<WorkerCounters> workers;  ///< one for each worker, sized before any starts
  std::atomic<uint32_t> verbosity{0};   ///< 0 to 2, set by `verbosity`
  EventLog event_log;
  PrefixStats prefix_stats;
  AutomoveSettings automove;
  LruTuningSettings lru_tuning;
  uint32_t max_connections = 1024;
  bool reject_beyond_limit = true;  ///< else connections beyond max_connections wait
  uint32_t idle_timeout_sec = 0;    ///< 0: none
  uint32_t reserved_descriptors = 0;
  bool cas_enabled = true;
  protocol::AcceptedForms accepted_forms = protocol::AcceptedForms::kBoth;
  bool flush_enabled = true;                 ///< false: flush_all is refused (-F)
  bool dump_enabled = true;                  ///< false: keys are not listed (-X)
  bool watch_enabled = true;                 ///< false: watch is refused (-W)
  bool track_sizes = false;                  ///< `stats sizes` counts the items by size
  std::atomic<uint32_t> size_histograms{0};  ///< how many clients it counts for now
  /// Ends the server in order; any thread. Empty: the shutdown command is refused.
  std::function<void()> shut_down;
  std::string libevent_version;  ///< the network layer's event library, for `stats`
  std::vector<std::pair<std::string, std::string>> settings;  ///< the lines of `stats settings`

  /// The number of the worker whose counters these are.
  uint32_t NumberOf(const WorkerCounters& counters) const {
    return static_cast<uint32_t>(&counters - workers.data());
  }

  bool has_sasl() const { return sasl_users != nullptr || sasl_service != nullptr; }
  bool requires_login() const { return text_users != nullptr || has_sasl(); }

  /// True when a client waits for memory that others hold for values on their way.
  bool HasWaiters() const { return engine->admission().has_waiters(); }

  /// `stats reset` cannot write a worker's counters: it remembers what they were, and `stats` shows
  /// what came since.
  Mutex totals_mutex;
  WorkerTotals totals_at_reset ABSL_GUARDED_BY(totals_mutex);
};

/// Adds to a counter that only the calling thread writes: no locked instruction.
inline void Bump(std::atomic<uint64_t>& counter, uint64_t amount = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

/// Counts a login that was tried.
inline void CountLogin(WorkerCounters& counters, bool accepted) {
  Bump(counters.auth_cmds);
  Bump(counters.auth_errors, accepted ? 0 : 1);
}

}  // namespace quarry::command
