#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/value_sizes.h"

namespace quarry::bench {

enum class TraceKind {
  kZipf,       // Zipf over keys of one value size
  kZipfMixed,  // the same with log-normal value sizes
  kScan,       // Zipf interrupted by sequential scans of the same keys
  kShift,      // Zipf whose ranks move over the keys: the popular ones change
  kOneHit,     // Zipf among requests for keys that never come again
  kSizeShift,  // Zipf in phases, each with keys and value sizes of its own
  kFile,       // a file of ids
};

/// What a trace consists of. All of it follows from these, the seed included.
struct TraceOptions {
  TraceKind kind = TraceKind::kZipf;
  double alpha = 0.99;      // the exponent of the Zipf distribution
  uint64_t key_count = 0;   // that Zipf draws from, in each phase; at most 2^32
  uint64_t requests = 0;    // in all phases together
  std::string value_sizes;  // as on the command line, with a comma between phases
  std::vector<ValueSizes::Options> phase_sizes;  // what value_sizes says, one for each phase
  uint64_t seed = 1;

  uint64_t scan_every = 300'000;  // kScan: Zipf requests before each scan
  uint64_t scan_keys = 100'000;   // kScan: keys of one scan, each asked for once
  uint64_t shift_every = 1'000;   // kShift: requests between two moves
  uint64_t shift_keys = 25;       // kShift: ranks by which all keys move at once
  double one_hit_share = 0.5;     // kOneHit: share of requests for keys that never come again
  std::string path;               // kFile
};

/// A kind's name on the command line, and what it is made of unless options say otherwise.
struct TraceDefaults {
  TraceKind kind;
  std::string_view name;
  double alpha;
  uint64_t key_count;
  uint64_t requests;
  std::string_view value_sizes;
};

/// All kinds of traces.
std::span<const TraceDefaults> TraceCatalog();

const TraceDefaults& DefaultsOf(TraceKind kind);

/// The options of a trace that nothing was changed in.
TraceOptions DefaultTraceOptions(TraceKind kind);

/// Reads value sizes, with a comma between phases, into value_sizes and phase_sizes. Returns an
/// empty text or what is wrong.
std::string SetValueSizes(std::string_view text, TraceOptions* options);

}  // namespace quarry::bench
