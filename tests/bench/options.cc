#include "tests/bench/options.h"

#include <charconv>
#include <map>
#include <string_view>

#include <CLI/CLI.hpp>

#include "tests/bench/value_content.h"

namespace quarry::bench {
namespace {

constexpr uint64_t kMaxKeys = uint64_t{1} << 32;
/// Beyond 30 days the protocol reads an expiry as a point in time.
constexpr uint32_t kMaxTtlSec = 30 * 24 * 60 * 60;

/// Reads "A:B" or, where both may be the same, "A".
template <typename Number>
bool ReadPair(std::string_view text, Number* first, Number* second) {
  const char* const end = text.data() + text.size();
  const auto left = std::from_chars(text.data(), end, *first);
  if (left.ec != std::errc{}) {
    return false;
  }
  if (left.ptr == end) {
    *second = *first;
    return true;
  }
  const auto right = std::from_chars(left.ptr + 1, end, *second);
  return *left.ptr == ':' && right.ec == std::errc{} && right.ptr == end;
}

std::string ReadPattern(std::string_view text, KeyPatternOptions* keys) {
  constexpr std::string_view kZipfPrefix = "zipf:";
  if (text == "uniform" || text == "sequential") {
    keys->order = text == "uniform" ? KeyOrder::kUniform : KeyOrder::kSequential;
    return {};
  }
  if (text.starts_with(kZipfPrefix)) {
    const char* const begin = text.data() + kZipfPrefix.size();
    const char* const end = text.data() + text.size();
    keys->order = KeyOrder::kZipf;
    const auto [rest, error] = std::from_chars(begin, end, keys->zipf_exponent);
    if (error == std::errc{} && rest == end && keys->zipf_exponent > 0) {
      return {};
    }
  }
  return "expected uniform, sequential or zipf:EXPONENT";
}

void AddServerOptions(CLI::App& app, Options& options) {
  app.add_option("--host", options.server.host, "address of the server (numeric)")
      ->capture_default_str();
  app.add_option("--port", options.server.port, "TCP port")->capture_default_str();
  app.add_option("--unix", options.server.unix_path, "path of the server's Unix socket");
  app.add_flag("--tls", options.tls.wanted, "speak TLS 1.3, and trust every certificate");
  app.add_option("--tls-cipher", options.tls.cipher, "by its name in TLS 1.3")
      ->capture_default_str();
  app.add_option("--server-pid", options.server_pid,
                 "report the CPU time this process spends during the measured window")
      ->check(CLI::PositiveNumber);
  app.add_option("--server-idle", options.server_idle_path,
                 "file with the part of it that the server only spun away, as floor writes it");
}

void AddTrafficOptions(CLI::App& app, Options& options) {
  app.add_option("--connections", options.connections)
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  app.add_option("--pipeline", options.pipeline_depth, "requests sent at once on a connection")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_option("--multiget", options.keys_per_get, "keys of one get request")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_option_function<std::string>(
      "--ratio",
      [&options](const std::string& text) {
        if (!ReadPair(text, &options.get_share, &options.set_share) ||
            uint64_t{options.get_share} + options.set_share == 0) {
          throw CLI::ValidationError("--ratio", "expected GETS:SETS, e.g. 9:1");
        }
      },
      "gets for each set, GETS:SETS (default 9:1)");
  const std::map<std::string, Dialect> dialects = {
      {"classic", Dialect::kClassic}, {"meta", Dialect::kMeta}, {"binary", Dialect::kBinary}};
  app.add_option("--dialect", options.dialect, "classic (default), meta or binary")
      ->transform(CLI::CheckedTransformer(dialects));
  app.add_flag("--verify", options.verify,
               "store values that carry their key and a checksum, and check what comes back");
}

void AddDataOptions(CLI::App& app, Options& options) {
  options.keys.key_count = 1'000'000;
  app.add_option("--keys", options.keys.key_count, "number of different keys")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, kMaxKeys));
  app.add_option_function<std::string>(
      "--pattern",
      [&options](const std::string& text) {
        const std::string error = ReadPattern(text, &options.keys);
        if (!error.empty()) {
          throw CLI::ValidationError("--pattern", error);
        }
      },
      "uniform (default), sequential or zipf:EXPONENT");
  app.add_option_function<std::string>(
      "--key-length",
      [&options](const std::string& text) {
        if (!ReadPair(text, &options.key_lengths.min, &options.key_lengths.max)) {
          throw CLI::ValidationError("--key-length", "expected LENGTH or MIN:MAX");
        }
      },
      "bytes of a key, LENGTH or MIN:MAX (default 20:40)");
  app.add_option_function<std::string>(
      "--value-size",
      [&options](const std::string& text) {
        const std::string error = ValueSizes::Parse(text, &options.value_sizes);
        if (!error.empty()) {
          throw CLI::ValidationError("--value-size", error);
        }
      },
      "bytes of a value, SIZE, MIN:MAX, lognormal:MEDIAN:SIGMA:MIN:MAX or "
      "pareto:SCALE:SHAPE:MIN:MAX (default 100)");
  app.add_option("--ttl", options.ttl_sec, "seconds that a value lives; 0 for ever")
      ->capture_default_str()
      ->check(CLI::Range(uint32_t{0}, kMaxTtlSec));
  app.add_option("--seed", options.seed, "of the random numbers")->capture_default_str();
}

void AddRunOptions(CLI::App& app, Options& options) {
  const std::map<std::string, Preload> preloads = {
      {"none", Preload::kNone}, {"all", Preload::kAll}, {"evict", Preload::kEvict}};
  app.add_option("--preload", options.preload,
                 "before the run store nothing (none, default), every key once (all), or keys in "
                 "order until the server evicts (evict)")
      ->transform(CLI::CheckedTransformer(preloads));
  auto* const evictions =
      app.add_option("--evictions", options.evictions_wanted, "where --preload evict ends")
          ->capture_default_str();
  app.add_option("--evicted-share", options.evicted_share,
                 "end --preload evict once the server has evicted this share of the items it holds")
      ->check(CLI::PositiveNumber)
      ->excludes(evictions);
  app.add_option("--requests", options.requests, "end after so many requests");
  app.add_option("--seconds", options.seconds, "end after so much time")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--warmup", options.warmup_seconds, "seconds of load before the measured window")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--rate", options.requests_per_second,
                 "requests a second over all connections, sent on schedule whether or not the "
                 "server keeps up (default: each connection sends again once it has its replies)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--stall", options.stall_seconds, "give up after so many seconds without a reply")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--spin,!--no-spin", options.spin,
               "poll without ever sleeping, so that no wake-up is charged to the server (default)");
  app.add_flag("--json", options.json, "print one JSON object instead of text");
}

/// What no single option can check. Empty where all is well.
std::string Contradiction(const Options& options) {
  const size_t shortest = KeyFormat::ShortestFor(options.keys.key_count);
  if (options.key_lengths.min < shortest || options.key_lengths.max > KeyFormat::kMaxKeyBytes ||
      options.key_lengths.min > options.key_lengths.max) {
    return "--key-length: " + std::to_string(options.keys.key_count) + " keys need " +
           std::to_string(shortest) + " to " + std::to_string(KeyFormat::kMaxKeyBytes) + " bytes";
  }
  if (options.verify && options.value_sizes.min_bytes < ValueContent::kShortSealBytes) {
    return "--verify: values need at least " + std::to_string(ValueContent::kShortSealBytes) +
           " bytes";
  }
  if (options.tls.wanted && options.preload == Preload::kEvict) {
    return "--tls: --preload evict asks for statistics, which goes without TLS only";
  }
  return {};
}

}  // namespace

bool ParseOptions(int argc, const char* const* argv, Options* options, int* exit_code) {
  CLI::App app("Drives a memcached-compatible server and measures it.", "loadgen");
  AddServerOptions(app, *options);
  AddTrafficOptions(app, *options);
  AddDataOptions(app, *options);
  AddRunOptions(app, *options);
  try {
    app.parse(argc, argv);
    const std::string contradiction = Contradiction(*options);
    if (!contradiction.empty()) {
      throw CLI::ValidationError(contradiction);
    }
  } catch (const CLI::Error& error) {
    *exit_code = app.exit(error);
    return false;
  }
  return true;
}

}  // namespace quarry::bench
