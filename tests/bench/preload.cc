#include "tests/bench/preload.h"

#include <algorithm>

#include "tests/bench/stats_client.h"

namespace quarry::bench {
namespace {

constexpr int kConnections = 4;
/// Large values are sent one by one; small ones in bursts of about this many bytes.
constexpr size_t kBurstBytes = 64 * 1024;
constexpr size_t kMaxBurst = 64;
/// How many sets go by between two looks at the server's evictions.
constexpr uint64_t kSetsPerLook = 50'000;

Options SetsInOrder(const Options& options) {
  Options preload = options;
  const size_t value_bytes = std::max<size_t>(options.value_sizes.max_bytes, 1);
  preload.connections = std::min(options.connections, kConnections);
  preload.pipeline_depth =
      static_cast<int>(std::clamp<size_t>(kBurstBytes / value_bytes, 1, kMaxBurst));
  preload.keys.order = KeyOrder::kSequential;
  preload.get_share = 0;
  preload.set_share = 1;
  return preload;
}

RunLimits Sets(uint64_t count) {
  RunLimits limits;
  limits.requests = count;
  return limits;
}

/// Adds a part of the preload to what came before it. Latencies are not kept.
void Add(RunResult part, RunResult* sum) {
  Counters& counters = *sum->counters;
  counters.requests += part.counters->requests;
  counters.sets += part.counters->sets;
  counters.stored += part.counters->stored;
  counters.not_stored += part.counters->not_stored;
  counters.sent_bytes += part.counters->sent_bytes;
  counters.received_bytes += part.counters->received_bytes;
  sum->errors.error_lines += part.errors.error_lines;
  sum->errors.unknown_lines += part.errors.unknown_lines;
  sum->errors.disconnections += part.errors.disconnections;
  for (const auto& [text, count] : part.errors.texts) {
    sum->errors.texts[text] += count;
  }
  sum->seconds += part.seconds;
  sum->server_cpu_ns += part.server_cpu_ns;
  sum->failure = std::move(part.failure);
}

/// Sets keys in order, part by part, until the server has evicted enough or no key is left.
RunResult FillUntilEviction(const Options& options, Driver* driver) {
  RunResult sum;
  sum.counters = std::make_unique<Counters>();
  uint64_t left = options.keys.key_count;
  while (left > 0 && sum.failure.empty()) {
    const uint64_t count = std::min(left, kSetsPerLook);
    left -= count;
    Add(driver->Run(Sets(count)), &sum);
    std::string error;
    const std::optional<uint64_t> evictions = ReadStat(options.server, "evictions", &error);
    if (!evictions.has_value()) {
      sum.failure = error;
    } else if (*evictions >= options.evictions_wanted) {
      break;
    }
  }
  return sum;
}

}  // namespace

RunResult RunPreload(const Options& options, const RequestWriter& writer) {
  const Options preload = SetsInOrder(options);
  KeyPattern pattern(preload.keys);
  Driver driver(preload, writer, &pattern);
  RunResult failed;
  failed.counters = std::make_unique<Counters>();
  failed.failure = driver.Open();
  if (!failed.failure.empty()) {
    return failed;
  }
  if (options.preload == Preload::kEvict) {
    return FillUntilEviction(options, &driver);
  }
  return driver.Run(Sets(preload.keys.key_count));
}

}  // namespace quarry::bench
