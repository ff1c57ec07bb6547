#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/command/server_status.h"
#include "daemon/net/listen_address.h"
#include "daemon/net/pace.h"
#include "daemon/net/tls_options.h"

namespace quarry::net {

/// Runs what opens a file, and perhaps once more with other rights after a PermissionDenied.
using FileOpener = std::function<absl::Status(const std::function<absl::Status()>& open)>;

struct ServerOptions {
  std::vector<ListenAddress> listen;    ///< empty: no TCP
  std::vector<ListenAddress> udp;       ///< empty: no UDP; traits say nothing
  uint32_t udp_reply_factor = 3;        ///< see UdpEndpoint
  bool missing_family_is_fine = false;  ///< an address whose family the system lacks is skipped
  std::string unix_socket;              ///< path; empty: none
  uint32_t unix_socket_mode = 0700;     ///< its clients are always plain
  std::optional<TlsOptions> tls;        ///< there where a listener speaks TLS
  uint32_t worker_count = 4;
  uint32_t max_connections = 1024;
  bool reject_beyond_limit = true;  ///< else connections beyond the limit wait in the backlog
  uint32_t idle_timeout_sec = 0;    ///< a connection that asks for nothing is closed; 0: never
  int listen_backlog = 1024;
  uint32_t max_requests_per_event = 20;  ///< -R; turns into a budget of bytes for one turn
  uint32_t drain_deadline_sec = 5;       ///< how long Run waits for replies that are on their way
  PaceLimits pace;                       ///< of clients that hold memory others wait for
  FileOpener open_certificates;          ///< for what `tls` names, at first; may be empty
  FileOpener open_unix_socket;           ///< likewise
  /// Is told, on any thread of the server's, of trouble that does not end it: accepting that had to
  /// pause, clients that were too slow, connections cut at the drain deadline. Must not wait. May
  /// be empty.
  std::function<void(std::string_view)> warn;
  /// Likewise of connections that begin and end, while the context's verbosity is above 0. May be
  /// empty.
  std::function<void(std::string_view)> debug;
  /// Called on Run's thread after each SIGHUP, once the certificates have been read again. May be
  /// empty.
  std::function<void()> on_hangup;
  /// Called on Run's thread every second while it serves, and again as long as it returns true;
  /// after a few calls with a pause, and other events in between. May be empty.
  std::function<bool()> background_step;
};

/// The listeners, the workers, and the connections between them.
class Server final : public command::ConnectionDirectory, public command::Certificates {
 public:
  /// What each worker keeps open beside its connections: libevent's epoll and its pipe for signals,
  /// the socket poll, and the mailbox.
  static constexpr uint32_t kWorkerDescriptors = 5;

  /// Binds every address. Errors name the address and the reason. `context` outlives the server;
  /// its `workers` are sized by worker_count already, and its `directory` is set to the server
  /// here.
  static absl::StatusOr<std::unique_ptr<Server>> Create(const ServerOptions& options,
                                                        command::ServerContext& context);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// What is listened on in the end, ports filled in.
  std::vector<ListenAddress> bound_addresses() const;
  std::vector<ListenAddress> bound_udp_addresses() const;

  /// Serves until SIGTERM, SIGINT, SIGUSR1 or Stop; then accepts no more, answers what has arrived,
  /// and returns when every connection is closed or the drain deadline has passed. `on_ready` is
  /// called once the workers run, `on_drain` when draining begins (both on the calling thread; both
  /// may be empty). SIGHUP refreshes the certificates; SIGPIPE is ignored from now on. Once only.
  /// ResourceExhausted, without either call, when the system lacks what it takes to begin.
  absl::Status Run(const std::function<void()>& on_ready, const std::function<void()>& on_drain);

  /// Ends Run as SIGTERM does. Any thread.
  void Stop();

  std::vector<command::ConnectionInfo> ListConnections() const override;

  /// A bad file is reported to ServerOptions::warn.
  void RefreshCertificates(std::shared_ptr<command::Verdict> verdict) override;
  std::optional<uint64_t> CertificateAgeSec() const override;

 private:
  Server();
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quarry::net
