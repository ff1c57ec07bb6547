#include "tests/bench/preload.h"

#include <algorithm>

#include "tests/bench/stats_client.h"

namespace quarry::bench {
namespace {

constexpr int kConnections = 4;
/// Large values are sent one by one; small ones in bursts of about this many bytes.
constexpr size_t kBurstBytes = 64 * 1024;
constexpr size_t kMaxBurst = 64;
/// How many sets go by between two looks at the server's evictions, and at most how many bytes.
constexpr uint64_t kSetsPerLook = 50'000;
constexpr uint64_t kBytesPerLook = uint64_t{16} << 20;

Options SetsInOrder(const Options& options) {
  Options preload = options;
  const size_t value_bytes = ValueSizes(options.value_sizes).MeanBytes();
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

struct Evictions {
  uint64_t done = 0;
  uint64_t wanted = 0;
};

/// How far the server is, as it says itself; nothing, and why in *error, if it does not say.
std::optional<Evictions> ReadEvictions(const Options& options, std::string* error) {
  const std::optional<uint64_t> done = ReadStat(options.server, "evictions", error);
  const std::optional<uint64_t> items = ReadStat(options.server, "curr_items", error);
  if (!done.has_value() || !items.has_value()) {
    return std::nullopt;
  }
  if (options.evicted_share == 0) {
    return Evictions{*done, options.evictions_wanted};
  }
  const auto wanted = static_cast<uint64_t>(static_cast<double>(*items) * options.evicted_share);
  return Evictions{*done, std::max<uint64_t>(wanted, 1)};
}

/// Sets keys in order, part by part, until the server has evicted enough.
RunResult FillUntilEviction(const Options& options, Driver* driver) {
  RunResult sum;
  sum.counters = std::make_unique<Counters>();
  const uint64_t sets_per_look = std::clamp<uint64_t>(
      kBytesPerLook / ValueSizes(options.value_sizes).MeanBytes(), 1, kSetsPerLook);
  uint64_t left = options.keys.key_count;
  while (sum.failure.empty()) {
    const uint64_t count = std::min(left, sets_per_look);
    left -= count;
    Add(driver->Run(Sets(count)), &sum);
    std::string error;
    const std::optional<Evictions> evictions = ReadEvictions(options, &error);
    if (!sum.failure.empty()) {
      break;
    }
    if (!evictions.has_value()) {
      sum.failure = error;
    } else if (evictions->done >= evictions->wanted) {
      break;
    } else if (left == 0) {
      sum.failure = "every key is set, and the server has evicted " +
                    std::to_string(evictions->done) + " of the " +
                    std::to_string(evictions->wanted) + " items wanted";
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
