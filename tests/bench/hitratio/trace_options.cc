#include "tests/bench/hitratio/trace_options.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quarry::bench {
namespace {

// Sized for a memory of 64 MB: every trace asks for several times what that can hold. A phase of
// small values needs more requests to fill it.
constexpr std::array kCatalog = {
    TraceDefaults{TraceKind::kZipf, "zipf", 0.99, 1'000'000, 3'000'000, "500"},
    TraceDefaults{TraceKind::kZipfMixed, "zipf-mixed", 0.99, 1'000'000, 3'000'000,
                  "lognormal:230:1.3:1:1000000"},
    TraceDefaults{TraceKind::kScan, "scan", 0.99, 1'000'000, 3'000'000, "500"},
    TraceDefaults{TraceKind::kShift, "shift", 0.99, 1'000'000, 3'000'000, "500"},
    TraceDefaults{TraceKind::kOneHit, "one-hit", 0.99, 1'000'000, 3'000'000, "500"},
    TraceDefaults{TraceKind::kSizeShift, "size-shift", 0.9, 2'000'000, 8'000'000,
                  "100,1000,300:3000,60"},
    TraceDefaults{TraceKind::kFile, "file", 0, 0, 0, "100"},
};

}  // namespace

std::span<const TraceDefaults> TraceCatalog() {
  return kCatalog;
}

const TraceDefaults& DefaultsOf(TraceKind kind) {
  return *std::find_if(kCatalog.begin(), kCatalog.end(),
                       [&](const TraceDefaults& defaults) { return defaults.kind == kind; });
}

TraceOptions DefaultTraceOptions(TraceKind kind) {
  const TraceDefaults& defaults = DefaultsOf(kind);
  TraceOptions options;
  options.kind = kind;
  options.alpha = defaults.alpha;
  options.key_count = defaults.key_count;
  options.requests = defaults.requests;
  SetValueSizes(defaults.value_sizes, &options);
  return options;
}

std::string SetValueSizes(std::string_view text, TraceOptions* options) {
  std::vector<ValueSizes::Options> phase_sizes;
  for (std::string_view rest = text;;) {
    const size_t comma = rest.find(',');
    std::string error = ValueSizes::Parse(rest.substr(0, comma), &phase_sizes.emplace_back());
    if (!error.empty()) {
      return error;
    }
    if (comma == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(comma + 1);
  }
  options->value_sizes = text;
  options->phase_sizes = std::move(phase_sizes);
  return {};
}

}  // namespace quarry::bench
