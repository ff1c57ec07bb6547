#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/bench/hitratio/replay.h"
#include "tests/bench/hitratio/trace.h"
#include "tests/support/catch.h"
#include "tests/unit/net/running_server.h"

namespace quarry::bench {
namespace {

ServerReplayOptions At(const net::RunningServer& server, size_t batch) {
  ServerReplayOptions options;
  options.address.port = server.port();
  options.batch = batch;
  return options;
}

TraceOptions SmallZipf(const std::string& value_sizes) {
  TraceOptions options = DefaultTraceOptions(TraceKind::kZipf);
  options.key_count = 3'000;
  options.requests = 20'000;
  REQUIRE(SetValueSizes(value_sizes, &options).empty());
  return options;
}

uint64_t DistinctKeys(const TraceOptions& options) {
  std::set<uint64_t> keys;
  const auto trace = OpenTrace(options);
  TraceRequest request;
  while (trace->Next(&request)) {
    keys.insert(request.key_number);
  }
  return keys.size();
}

TEST_CASE("Whatever the batch, a server with room misses each key exactly once") {
  const TraceOptions options = SmallZipf("0:9000");
  const uint64_t distinct_keys = DistinctKeys(options);
  for (const size_t batch : {1U, 7U, 100U}) {
    CAPTURE(batch);
    net::RunningServer server;
    Tally tally(1'000'000);
    const auto trace = OpenTrace(options);
    const ReplayResult result = ReplayServer(At(server, batch), *trace, tally);
    REQUIRE(result.failure.empty());
    REQUIRE(result.refused_sets == 0);
    REQUIRE(result.items == distinct_keys);
    REQUIRE(tally.total().requests == options.requests);
    REQUIRE(tally.total().hits == options.requests - distinct_keys);
  }
}

TEST_CASE("Sets that a server refuses are counted, and the replay goes on") {
  TraceOptions options = SmallZipf("1100000");
  options.requests = 20;
  net::RunningServer server;
  Tally tally(100);
  const auto trace = OpenTrace(options);
  const ReplayResult result = ReplayServer(At(server, 4), *trace, tally);
  REQUIRE(result.failure.empty());
  REQUIRE(tally.total().requests == 20);
  REQUIRE(tally.total().hits == 0);
  REQUIRE(result.items == 0);
  REQUIRE(result.error_texts.size() == 1);
  REQUIRE(result.error_texts.begin()->first == "SERVER_ERROR object too large for cache");
  REQUIRE(result.error_texts.begin()->second == result.refused_sets);
}

TEST_CASE("A server that is not there fails the replay") {
  uint16_t port = 0;
  {
    const net::RunningServer server;
    port = server.port();
  }
  ServerReplayOptions options;
  options.address.port = port;
  Tally tally(100);
  const auto trace = OpenTrace(SmallZipf("10"));
  REQUIRE(ReplayServer(options, *trace, tally).failure == "cannot connect: Connection refused");
  REQUIRE(tally.total().requests == 0);
}

}  // namespace
}  // namespace quarry::bench
