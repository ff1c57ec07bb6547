#include "tests/unit/net/running_server.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "tests/support/catch.h"

namespace quarry::net {

RunningServer::Settings RunningServer::Defaults() {
  Settings settings;
  settings.server.listen = {{.host = "127.0.0.1", .port = 0}};
  settings.server.worker_count = 2;
  settings.server.max_connections = 4096;
  return settings;
}

RunningServer::RunningServer(Settings settings) {
  auto engine = core::Engine::Create(settings.engine);
  REQUIRE(engine.ok());
  engine_ = *std::move(engine);
  context_.engine = engine_.get();
  context_.clock = &clock_;
  context_.max_connections = settings.server.max_connections;
  context_.workers = std::vector<command::WorkerCounters>(settings.server.worker_count);
  settings.server.warn = [this](std::string_view text) {
    const MutexLock lock(warnings_mutex_);
    warnings_.emplace_back(text);
  };
  auto server = Server::Create(settings.server, context_);
  REQUIRE(server.ok());
  server_ = *std::move(server);
  for (const ListenAddress& address : server_->bound_addresses()) {
    port_ = address.port;
  }
  thread_ = std::thread([this] {
    if (!server_->Run({}, {}).ok()) {
      std::abort();
    }
  });
}

RunningServer::~RunningServer() {
  End();
}

void RunningServer::End() {
  if (thread_.joinable()) {
    server_->Stop();
    thread_.join();
  }
}

uint64_t RunningServer::bytes_read() const {
  uint64_t bytes = 0;
  for (const command::WorkerCounters& counters : context_.workers) {
    bytes += counters.bytes_read.load();
  }
  return bytes;
}

bool Eventually(const std::function<bool()>& condition) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace quarry::net
