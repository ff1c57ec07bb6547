#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/engine.h"
#include "daemon/command/server_status.h"
#include "daemon/net/server.h"

namespace quarry::net {

/// A server on a free port of 127.0.0.1, running in a thread of its own from construction to End.
class RunningServer {
 public:
  struct Settings {
    ServerOptions server;
    core::EngineOptions engine;
  };

  /// Listens on 127.0.0.1 unless `settings` say where; two workers.
  explicit RunningServer(Settings settings = Defaults());
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  static Settings Defaults();

  /// Ends the server as SIGTERM does, and waits until Run has returned.
  void End();
  /// Begins to end it.
  void Stop() { server_->Stop(); }

  uint16_t port() const { return port_; }
  Server& server() { return *server_; }
  core::Engine& engine() { return *engine_; }
  command::ServerContext& context() { return context_; }
  uint64_t connection_count() const { return context_.connections.current.load(); }
  /// What all workers have read.
  uint64_t bytes_read() const;
  /// What the server warned of. After End.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Clock clock_;
  std::unique_ptr<core::Engine> engine_;
  command::ServerContext context_;
  Mutex warnings_mutex_;  // until End
  std::vector<std::string> warnings_;
  std::unique_ptr<Server> server_;
  uint16_t port_ = 0;
  std::thread thread_;
};

/// Waits, for at most a few seconds, until `condition` holds: false when it does not.
bool Eventually(const std::function<bool()>& condition);

}  // namespace quarry::net
