#include "tests/bench/hitratio/replay_options.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/engine.h"

namespace quarry::bench {
namespace {

constexpr uint64_t kMaxKeys = uint64_t{1} << 32;
constexpr uint64_t kMaxRequests = uint64_t{1} << 40;

const std::map<std::string, ReplayTarget> kTargets = {{"engine", ReplayTarget::kEngine},
                                                      {"server", ReplayTarget::kServer},
                                                      {"lru", ReplayTarget::kLru}};
const std::map<std::string, bool> kLruModes = {{"segmented", false}, {"flat", true}};

/// The command line before it is known which trace the options change.
class CommandLine {
 public:
  explicit CommandLine(ReplayOptions* options) : options_(*options), trace_(options->trace) {
    AddTraceOptions();
    AddTargetOptions();
  }

  CLI::App& app() { return app_; }

  /// Puts together what was read; throws what CLI11 throws.
  void Finish();

 private:
  void AddTraceOptions();
  void AddShapeOptions();
  void AddTargetOptions();
  void AddServerOptions();
  void RefuseWhatDoesNotApply() const;
  void CheckTrace() const;

  CLI::App app_{"Replays a trace (get, and on a miss set) and prints how much of it hit.",
                "hitratio"};
  ReplayOptions& options_;
  TraceOptions& trace_;

  TraceKind kind_ = TraceKind::kZipf;
  std::optional<double> alpha_;
  std::optional<uint64_t> key_count_;
  std::optional<uint64_t> requests_;
  std::optional<std::string> value_sizes_;
  std::optional<double> rate_;

  // To see afterwards which were given.
  std::vector<CLI::Option*> of_generated_;
  std::vector<CLI::Option*> of_scan_;
  std::vector<CLI::Option*> of_shift_;
  std::vector<CLI::Option*> of_one_hit_;
  std::vector<CLI::Option*> of_file_;
  std::vector<CLI::Option*> of_engine_;
  std::vector<CLI::Option*> of_server_;
  std::vector<CLI::Option*> of_lru_;
};

void CommandLine::AddTraceOptions() {
  std::map<std::string, TraceKind> kinds;
  for (const TraceDefaults& defaults : TraceCatalog()) {
    kinds.emplace(defaults.name, defaults.kind);
  }
  app_.add_option("--trace", kind_,
                  "zipf (default), zipf-mixed, scan, shift, one-hit, size-shift or file")
      ->transform(CLI::CheckedTransformer(kinds));
  of_generated_ = {
      app_.add_option("--alpha", alpha_, "exponent of the Zipf distribution")
          ->check(CLI::Range(1e-3, 10.0)),
      app_.add_option("--keys", key_count_, "keys that Zipf draws from, in each phase")
          ->check(CLI::Range(uint64_t{1}, kMaxKeys)),
      app_.add_option("--requests", requests_, "length of the trace, all phases together")
          ->check(CLI::Range(uint64_t{1}, kMaxRequests)),
      app_.add_option("--seed", trace_.seed, "of the random numbers")->capture_default_str()};
  app_.add_option(
      "--value-size", value_sizes_,
      "bytes of a value, SIZE, MIN:MAX or lognormal:MEDIAN:SIGMA:MIN:MAX; of size-shift "
      "one for each phase, with commas; of a file for lines without a size");
  AddShapeOptions();
  app_.add_option("--window", options_.window_requests, "requests in one window of the report")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, kMaxRequests));
  app_.add_flag("--json", options_.json, "print one JSON object instead of text");
}

void CommandLine::AddShapeOptions() {
  of_scan_ = {app_.add_option("--scan-every", trace_.scan_every, "Zipf requests before each scan")
                  ->capture_default_str()
                  ->check(CLI::Range(uint64_t{1}, kMaxRequests)),
              app_.add_option("--scan-keys", trace_.scan_keys, "keys of one scan")
                  ->capture_default_str()
                  ->check(CLI::Range(uint64_t{1}, kMaxKeys))};
  of_shift_ = {app_.add_option("--shift-every", trace_.shift_every, "requests between two moves")
                   ->capture_default_str()
                   ->check(CLI::Range(uint64_t{1}, kMaxRequests)),
               app_.add_option("--shift-keys", trace_.shift_keys, "ranks of one move")
                   ->capture_default_str()
                   ->check(CLI::Range(uint64_t{1}, kMaxKeys))};
  of_one_hit_ = {app_.add_option("--one-hit-share", trace_.one_hit_share,
                                 "share of the requests whose keys never come again")
                     ->capture_default_str()
                     ->check(CLI::Range(0.0, 1.0))};
  of_file_ = {app_.add_option("--file", trace_.path,
                              "of the trace: an id a line, optionally followed by a value's size")};
}

void CommandLine::AddTargetOptions() {
  app_.add_option("--target", options_.target,
                  "engine: the storage engine in this process (default); server: a running server; "
                  "lru: a textbook LRU")
      ->transform(CLI::CheckedTransformer(kTargets));
  app_.add_option(
          "--rate", rate_,
          "requests a second: of a server as they are sent (default 0: as fast as it goes), "
          "of the engine as its clock sees them (default 100000)")
      ->check(CLI::Range(0.0, 1e9));
  constexpr uint64_t kMinMemoryMb = core::EngineOptions::kMinMemoryBytes >> 20;
  constexpr uint64_t kMaxMemoryMb = core::EngineOptions::kMaxMemoryBytes >> 20;
  of_engine_ = {
      app_.add_option("--memory-mb", options_.engine.memory_mb, "memory of the engine")
          ->capture_default_str()
          ->check(CLI::Range(kMinMemoryMb, kMaxMemoryMb)),
      app_.add_option("--shards", options_.engine.shard_count,
                      "shards of the engine, a power of two; 0: as many as fit its memory")
          ->capture_default_str()
          ->check(CLI::Range(0U, 64U)),
      app_.add_option("--growth-factor", options_.engine.growth_factor, "of its slab classes")
          ->capture_default_str()
          ->check(CLI::Range(1.0, 4.0)),
      app_.add_option("--item-limit-mb", options_.engine.item_limit_mb, "its largest item")
          ->capture_default_str()
          ->check(CLI::Range(1, 50)),
      app_.add_option("--min-ttl", options_.engine.min_ttl_sec,
                      "seconds that what is stored lives; 0: for ever")
          ->capture_default_str(),
      app_.add_option("--max-ttl", options_.engine.max_ttl_sec,
                      "lifetimes reach from --min-ttl to here, as many keys in each doubling"),
      app_.add_option("--lru-mode", options_.engine.flat_lru, "segmented (default) or flat")
          ->transform(CLI::CheckedTransformer(kLruModes))};
  CLI::Option* const items =
      app_.add_option("--lru-items", options_.lru.max_items, "items that the LRU holds")
          ->check(CLI::Range(uint64_t{1}, kMaxKeys - 2));
  CLI::Option* const memory =
      app_.add_option("--lru-mb", options_.lru.memory_mb,
                      "or its memory, of which an item takes key, value and 30 bytes")
          ->check(CLI::Range(uint64_t{1}, kMaxMemoryMb))
          ->excludes(items);
  of_lru_ = {items, memory};
  AddServerOptions();
}

void CommandLine::AddServerOptions() {
  ServerReplayOptions& server = options_.server;
  of_server_ = {
      app_.add_option("--host", server.address.host, "address of the server (numeric)")
          ->capture_default_str(),
      app_.add_option("--port", server.address.port, "TCP port")->capture_default_str(),
      app_.add_option("--unix", server.address.unix_path, "path of the server's Unix socket"),
      app_.add_option("--batch", server.batch, "keys of one multi-get")
          ->capture_default_str()
          ->check(CLI::Range(1, 100)),
      app_.add_option("--stall", server.stall_seconds,
                      "give up after so many seconds without a reply")
          ->capture_default_str()
          ->check(CLI::PositiveNumber)};
}

void CommandLine::RefuseWhatDoesNotApply() const {
  struct Group {
    const std::vector<CLI::Option*>& options;
    bool applies;
  };
  const std::array groups = {Group{of_generated_, kind_ != TraceKind::kFile},
                             Group{of_scan_, kind_ == TraceKind::kScan},
                             Group{of_shift_, kind_ == TraceKind::kShift},
                             Group{of_one_hit_, kind_ == TraceKind::kOneHit},
                             Group{of_file_, kind_ == TraceKind::kFile},
                             Group{of_engine_, options_.target == ReplayTarget::kEngine},
                             Group{of_server_, options_.target == ReplayTarget::kServer},
                             Group{of_lru_, options_.target == ReplayTarget::kLru}};
  for (const Group& group : groups) {
    for (const CLI::Option* option : group.options) {
      if (!group.applies && option->count() > 0) {
        throw CLI::ValidationError(option->get_name(), "does not apply to this trace or target");
      }
    }
  }
  if (kind_ == TraceKind::kFile && of_file_.front()->count() == 0) {
    throw CLI::ValidationError("--file", "is needed by the trace file");
  }
  if (options_.target == ReplayTarget::kLru && options_.lru.max_items == 0 &&
      options_.lru.memory_mb == 0) {
    throw CLI::ValidationError("--lru-items", "or --lru-mb is needed by the target lru");
  }
}

void CommandLine::CheckTrace() const {
  const size_t phases = trace_.phase_sizes.size();
  if (kind_ != TraceKind::kSizeShift && phases > 1) {
    throw CLI::ValidationError("--value-size", "only size-shift has phases");
  }
  if (kind_ != TraceKind::kFile && trace_.requests < phases) {
    throw CLI::ValidationError("--requests", "fewer requests than phases");
  }
}

void CommandLine::Finish() {
  RefuseWhatDoesNotApply();
  const TraceOptions defaults = DefaultTraceOptions(kind_);
  trace_.kind = kind_;
  trace_.alpha = alpha_.value_or(defaults.alpha);
  trace_.key_count = key_count_.value_or(defaults.key_count);
  trace_.requests = requests_.value_or(defaults.requests);
  const std::string error = SetValueSizes(value_sizes_.value_or(defaults.value_sizes), &trace_);
  if (!error.empty()) {
    throw CLI::ValidationError("--value-size", error);
  }
  CheckTrace();
  EngineReplayOptions& engine = options_.engine;
  engine.max_ttl_sec = std::max(engine.min_ttl_sec, engine.max_ttl_sec);
  if (!rate_.has_value()) {
    return;
  }
  switch (options_.target) {
    case ReplayTarget::kEngine:
      if (*rate_ < 1) {
        throw CLI::ValidationError("--rate",
                                   "the engine's clock needs at least 1 request a second");
      }
      options_.engine.requests_per_second = *rate_;
      break;
    case ReplayTarget::kServer:
      options_.server.requests_per_second = *rate_;
      break;
    case ReplayTarget::kLru:
      throw CLI::ValidationError("--rate", "a textbook LRU has no clock");
  }
}

}  // namespace

bool ParseReplayOptions(int argc, const char* const* argv, ReplayOptions* options, int* exit_code) {
  CommandLine command_line(options);
  try {
    command_line.app().parse(argc, argv);
    command_line.Finish();
  } catch (const CLI::Error& error) {
    *exit_code = command_line.app().exit(error);
    return false;
  }
  return true;
}

}  // namespace quarry::bench
