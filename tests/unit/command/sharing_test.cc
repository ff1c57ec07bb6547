// What two workers write to while they answer gets: no cache line is the same.

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/cache_line.h"
#include "core/base/clock.h"
#include "core/engine.h"
#include "daemon/command/executor.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/server_status.h"
#include "daemon/command/session.h"
#include "tests/support/catch.h"
#include "tests/support/written_lines.h"

namespace quarry::command {
namespace {

constexpr uint32_t kWorkers = 2;

/// A worker without its sockets, on cache lines of its own as a real one is.
struct alignas(kCacheLineBytes) SocketlessWorker {
  SocketlessWorker(ServerContext& context, uint32_t number)
      : executor(context, context.workers[number]), session(executor) {}

  /// Has the requests answered some times; false if it ever was otherwise than expected.
  bool Serve(std::string_view requests, std::string_view expected) {
    bool as_expected = true;
    for (int round = 0; round < 100; ++round) {
      as_expected = as_expected && session.Consume(requests, replies).consumed == requests.size() &&
                    replies.text() == expected;
      replies.Clear();
    }
    return as_expected;
  }

  Executor executor;
  std::array<char, Session::kMinReplyRoom> scratch = {};
  ReplyBuffer replies{scratch};
  Session session;
};

struct SocketlessServer {
  SocketlessServer() {
    core::EngineOptions options;
    options.memory_bytes = uint64_t{16} << 20;
    options.reader_count = kWorkers;
    engine = std::move(core::Engine::Create(options)).value();
    context.engine = engine.get();
    context.clock = &clock;
    context.workers = std::vector<WorkerCounters>(kWorkers);
    for (uint32_t number = 0; number < kWorkers; ++number) {
      workers.push_back(std::make_unique<SocketlessWorker>(context, number));
    }
  }

  const Clock clock;
  std::unique_ptr<core::Engine> engine;
  ServerContext context;
  std::vector<std::unique_ptr<SocketlessWorker>> workers;
};

constexpr std::string_view kSets =
    "set small 0 0 1\r\nv\r\nset other 5 0 8\r\nsomevalu\r\nms long 20\r\n01234567890123456789\r\n";
constexpr std::string_view kStored = "STORED\r\nSTORED\r\nHD\r\n";
constexpr std::string_view kGets =
    "get small\r\nget none other\r\nmg long v\r\nmg none v\r\nmn\r\n";
constexpr std::string_view kFound =
    "VALUE small 0 1\r\nv\r\nEND\r\nVALUE other 5 8\r\nsomevalu\r\nEND\r\n"
    "VA 20\r\n01234567890123456789\r\nEN\r\nMN\r\n";

/// The cache lines that each worker writes to while it answers the gets, which it has answered
/// before. Nothing if the clock's second changed meanwhile: an item notes the second of its use.
std::optional<std::array<std::set<uintptr_t>, kWorkers>> LinesWritten(SocketlessServer& server) {
  std::array<std::set<uintptr_t>, kWorkers> written;
  const uint32_t second = server.clock.Now().floor_sec;
  for (uint32_t number = 0; number < kWorkers; ++number) {
    SocketlessWorker& worker = *server.workers[number];
    REQUIRE(worker.Serve(kGets, kFound));
    const WrittenLines lines;
    const bool served = worker.Serve(kGets, kFound);
    written[number] = lines.Find();
    REQUIRE(served);
  }
  return server.clock.Now().floor_sec == second ? std::optional(written) : std::nullopt;
}

TEST_CASE("Two workers that answer gets of the same keys write to no cache line of each other") {
  SocketlessServer server;
  SocketlessWorker& first = *server.workers.front();
  REQUIRE(first.session.Consume(kSets, first.replies).consumed == kSets.size());
  REQUIRE(first.replies.text() == kStored);
  first.replies.Clear();
  auto written = LinesWritten(server);
  while (!written) {
    written = LinesWritten(server);
  }
  const auto& [of_first, of_second] = *written;
  REQUIRE_FALSE(of_first.empty());
  REQUIRE_FALSE(of_second.empty());
  REQUIRE(WrittenLines::Shared(of_first, of_second).empty());
}

}  // namespace
}  // namespace quarry::command
