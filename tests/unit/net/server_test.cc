#include "daemon/net/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>

#include "daemon/net/file_descriptor.h"
#include "tests/support/catch.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

/// `count` copies of `text`.
std::string Repeat(std::string_view text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) {
    repeated += text;
  }
  return repeated;
}

TEST_CASE("A client sets and gets") {
  RunningServer server;
  Client client(server.port());
  REQUIRE(client.Answers("set k 5 0 3\r\nabc\r\n", "STORED\r\n"));
  REQUIRE(client.Answers("get k\r\n", "VALUE k 5 3\r\nabc\r\nEND\r\n"));
}

TEST_CASE("Clients on different workers share one cache") {
  RunningServer server;
  Client first(server.port());
  Client second(server.port());
  REQUIRE(first.Answers("set k 0 0 3\r\nabc\r\n", "STORED\r\n"));
  REQUIRE(second.Answers("get k\r\n", "VALUE k 0 3\r\nabc\r\nEND\r\n"));
}

TEST_CASE("Requests may come byte by byte, and many at a time") {
  RunningServer server;
  Client client(server.port());
  const std::string requests = "set k 0 0 10\r\n0123456789\r\nget k\r\nmn\r\n";
  const std::string replies = "STORED\r\nVALUE k 0 10\r\n0123456789\r\nEND\r\nMN\r\n";
  for (const char& byte : requests) {
    client.Send({&byte, 1});
  }
  REQUIRE(client.Read(replies.size()) == replies);
  REQUIRE(client.Answers(Repeat(requests, 200), Repeat(replies, 200)));
}

TEST_CASE("A large value comes back as it was sent, whatever follows it at once") {
  RunningServer server;
  Client client(server.port());
  std::string value(1'000'000, '\0');
  for (size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<char>(i % 251);
  }
  const std::string set = "set large 0 0 1000000\r\n" + value + "\r\nmn\r\n";
  REQUIRE(client.Answers(set + set, "STORED\r\nMN\r\nSTORED\r\nMN\r\n"));
  const std::string hit = "VALUE large 0 1000000\r\n" + value + "\r\nEND\r\n";
  REQUIRE(client.Answers("get large\r\nget large\r\nmn\r\n", hit + hit + "MN\r\n"));
}

TEST_CASE("Large values that follow each other are told apart, wherever a read ends") {
  RunningServer server;
  Client client(server.port());
  const std::string value(300'000, 'v');
  const std::string set = "set large 0 0 300000\r\n" + value + "\r\n";
  constexpr std::array<size_t, 7> kBehind = {1, 20, 511, 512, 513, 12'000, 13'000};
  for (const size_t behind : kBehind) {
    // The first value, and so many bytes of the second set; then the others.
    client.Send(set + set.substr(0, behind));
    REQUIRE(client.Read(8) == "STORED\r\n");
    REQUIRE(client.Answers(set.substr(behind) + set + "mn\r\n", "STORED\r\nSTORED\r\nMN\r\n"));
  }
  REQUIRE(client.Answers("get large\r\nmn\r\n",
                         "VALUE large 0 300000\r\n" + value + "\r\nEND\r\nMN\r\n"));
}

TEST_CASE("A value that is too large is refused, and the connection goes on") {
  RunningServer server;
  Client client(server.port());
  REQUIRE(client.Answers("set k 0 0 2000000\r\n" + std::string(2'000'000, 'x') + "\r\nmn\r\n",
                         "SERVER_ERROR object too large for cache\r\nMN\r\n"));
}

/// Allows the process as many descriptors as the system lets it have.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

int OpenDescriptors() {
  const std::filesystem::directory_iterator descriptors("/proc/self/fd");
  return static_cast<int>(std::distance(begin(descriptors), end(descriptors)));
}

TEST_CASE("A worker keeps as many descriptors open as it says") {
  const auto opened_by = [](uint32_t worker_count) {
    RunningServer::Settings settings = RunningServer::Defaults();
    settings.server.worker_count = worker_count;
    const int before = OpenDescriptors();
    const RunningServer server(settings);
    return OpenDescriptors() - before;
  };
  REQUIRE(opened_by(5) - opened_by(2) == 3 * static_cast<int>(Server::kWorkerDescriptors));
}

TEST_CASE("Background steps are taken until there is none, and again in the next second") {
  constexpr int kSteps = 40;
  std::atomic<int> taken = 0;
  std::atomic<int> rounds = 0;
  RunningServer::Settings settings = RunningServer::Defaults();
  settings.server.background_step = [&] {
    if (++taken % kSteps != 0) {
      return true;
    }
    ++rounds;
    return false;
  };
  RunningServer server(settings);
  Client client(server.port());
  REQUIRE(Eventually([&] { return rounds >= 2; }));
  REQUIRE(client.Answers("mn\r\n", "MN\r\n"));
}

TEST_CASE("A thousand connections are served at the same time") {
  RaiseDescriptorLimit();  // both ends of each are in this process
  RunningServer server;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
  }
  // Each stores and reads its own number.
  for (size_t i = 0; i < clients.size(); ++i) {
    const std::string number = std::to_string(1000 + i);
    clients[i]->Send(
        absl::StrCat("set k", number, " 0 0 4\r\n", number, "\r\nget k", number, "\r\n"));
  }
  for (size_t i = 0; i < clients.size(); ++i) {
    const std::string number = std::to_string(1000 + i);
    const std::string replies =
        absl::StrCat("STORED\r\nVALUE k", number, " 0 4\r\n", number, "\r\nEND\r\n");
    REQUIRE(clients[i]->Read(replies.size()) == replies);
  }
  REQUIRE(server.connection_count() == 1000);
  clients.clear();
  REQUIRE(Eventually([&server] { return server.connection_count() == 0; }));
  REQUIRE(server.context().connections.total.load() == 1000);
}

TEST_CASE("Connections are dealt out to the workers one by one, so that each has as many") {
  constexpr size_t kEach = 25;
  RunningServer::Settings settings = RunningServer::Defaults();
  settings.server.worker_count = 4;
  RunningServer server(settings);
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < kEach * 4; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    REQUIRE(clients.back()->Answers("mn\r\n", "MN\r\n"));
  }
  for (const command::WorkerCounters& worker : server.context().workers) {
    REQUIRE(worker.bytes_read.load() == kEach * std::string_view("mn\r\n").size());
  }
}

TEST_CASE("A connection over the limit is told so and closed, until another one ends") {
  auto settings = RunningServer::Defaults();
  settings.server.max_connections = 2;
  RunningServer server(settings);
  Client first(server.port());
  Client second(server.port());
  REQUIRE(first.Answers("mn\r\n", "MN\r\n"));
  REQUIRE(second.Answers("mn\r\n", "MN\r\n"));
  Client third(server.port());
  REQUIRE(third.ReadLine() == "ERROR Too many open connections\r\n");
  REQUIRE(third.AtEnd());
  REQUIRE(server.context().connections.rejected.load() == 1);
  first.Close();
  REQUIRE(Eventually([&server] { return server.connection_count() == 1; }));
  Client fourth(server.port());
  REQUIRE(fourth.Answers("mn\r\n", "MN\r\n"));
}

/// Allows the process no more descriptors than it has and one more, while it lives.
class DescriptorLimit {
 public:
  DescriptorLimit() {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const FileDescriptor lowest_free(dup(STDIN_FILENO));
    REQUIRE(lowest_free);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(lowest_free.value()) + 1;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_ = {};
};

TEST_CASE("Without descriptors, connections wait until there are some, and it is said once") {
  RunningServer server;
  Client first(server.port());
  REQUIRE(first.Answers("mn\r\n", "MN\r\n"));
  std::optional<DescriptorLimit> limit(std::in_place);
  Client second(server.port());
  second.Send("mn\r\n");
  REQUIRE(first.Answers("mn\r\n", "MN\r\n"));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  REQUIRE(server.connection_count() == 1);
  limit.reset();
  REQUIRE(second.ReadLine() == "MN\r\n");
  server.End();
  REQUIRE(server.warnings().size() == 1);
  REQUIRE(server.warnings().front().find("Too many open files") != std::string::npos);
}

TEST_CASE("Quit, the client's end, and a reset close the connection") {
  RunningServer server;
  Client quitter(server.port());
  quitter.Send("quit\r\n");
  REQUIRE(quitter.AtEnd());
  Client resetter(server.port());
  REQUIRE(resetter.Answers("mn\r\n", "MN\r\n"));
  resetter.Reset();
  Client leaver(server.port());
  leaver.Send("set k 0 0 100\r\nbegun");
  leaver.Close();
  REQUIRE(Eventually([&server] {
    return server.context().connections.total.load() == 3 && server.connection_count() == 0;
  }));
}

TEST_CASE("A client that has finished sending still gets all its replies") {
  RunningServer server;
  Client client(server.port());
  const std::string value(500'000, 'v');
  client.Send("set k 0 0 500000\r\n" + value + "\r\n" + Repeat("get k\r\n", 20));
  client.FinishSending();
  REQUIRE(client.ReadLine() == "STORED\r\n");
  const std::string hit = "VALUE k 0 500000\r\n" + value + "\r\nEND\r\n";
  for (int i = 0; i < 20; ++i) {
    REQUIRE(client.Read(hit.size()) == hit);
  }
  REQUIRE(client.AtEnd());
}

TEST_CASE("A connection that always has more to ask for leaves others their turn") {
  auto settings = RunningServer::Defaults();
  settings.server.worker_count = 1;
  settings.server.max_requests_per_event = 1;
  RunningServer server(settings);
  Client greedy(server.port());
  REQUIRE(greedy.Answers("set k 0 0 1000\r\n" + std::string(1000, 'v') + "\r\n", "STORED\r\n"));
  const std::string hits =
      Repeat("VALUE k 0 1000\r\n" + std::string(1000, 'v') + "\r\n", 300) + "END\r\n";
  REQUIRE(greedy.Answers("get" + Repeat(" k", 300) + "\r\n", hits));
  REQUIRE(server.context().connections.yields.load() > 0);
  Client other(server.port());
  REQUIRE(other.Answers("mn\r\n", "MN\r\n"));
}

TEST_CASE("Connections and listeners can be listed") {
  RunningServer server;
  Client idle(server.port());
  Client inside_value(server.port());
  REQUIRE(idle.Answers("mn\r\n", "MN\r\n"));
  inside_value.Send("set k 0 0 10\r\n012");
  const std::string listen_address = "tcp:127.0.0.1:" + std::to_string(server.port());
  const auto has_state = [&](const std::string& state) {
    const auto list = server.server().ListConnections();
    return std::any_of(list.begin(), list.end(), [&](const command::ConnectionInfo& info) {
      return info.state == state && info.listen_address == listen_address &&
             info.address.rfind("tcp:127.0.0.1:", 0) == 0 && info.idle_sec < 60;
    });
  };
  REQUIRE(Eventually([&] { return has_state("conn_nread") && has_state("conn_read"); }));
  const auto list = server.server().ListConnections();
  REQUIRE(list.size() == 3);
  REQUIRE(std::count_if(list.begin(), list.end(), [&](const command::ConnectionInfo& info) {
            return info.state == std::string("conn_listening") && info.address == listen_address &&
                   info.listen_address.empty();
          }) == 1);
}

TEST_CASE("A UNIX socket serves like any other") {
  const std::string path =
      std::filesystem::temp_directory_path() / ("quarry-net-" + std::to_string(getpid()));
  auto settings = RunningServer::Defaults();
  settings.server.listen.clear();
  settings.server.unix_socket = path;
  RunningServer server(settings);
  Client client(path);
  REQUIRE(client.Answers("set k 0 0 1\r\nx\r\n", "STORED\r\n"));
  REQUIRE(server.server().ListConnections().back().address == "unix:" + path);
  server.End();
  REQUIRE(client.AtEnd());
  REQUIRE_FALSE(std::filesystem::exists(path));
}

TEST_CASE("Whoever opens the UNIX socket may keep the server from listening, and no file is left") {
  RunningServer any;
  const std::string path =
      std::filesystem::temp_directory_path() / absl::StrCat("quarry-opener-", getpid());
  ServerOptions options = RunningServer::Defaults().server;
  options.unix_socket = path;
  options.open_unix_socket = [&path](const std::function<absl::Status()>& open) {
    CHECK(open().ok());
    CHECK(std::filesystem::exists(path));
    return absl::PermissionDeniedError("not this one");
  };
  const auto server = Server::Create(options, any.context());
  CHECK(server.status() == absl::PermissionDeniedError("not this one"));
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("What goes over the sockets is counted") {
  RunningServer server;
  Client client(server.port());
  REQUIRE(client.Answers("mn\r\n", "MN\r\n"));
  client.Close();
  server.End();
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  for (const command::WorkerCounters& counters : server.context().workers) {
    bytes_read += counters.bytes_read.load();
    bytes_written += counters.bytes_written.load();
  }
  REQUIRE(bytes_read == 4);
  REQUIRE(bytes_written == 4);
}

}  // namespace
}  // namespace quarry::net
