#pragma once

#include <cstdint>
#include <memory>

#include "tests/bench/hitratio/trace_options.h"

namespace quarry::bench {

/// Chooses the keys of a generated trace, one request after the other. The same options give the
/// same keys.
class KeySource {
 public:
  virtual ~KeySource() = default;

  /// The number of the next request's key: below options.key_count, but for keys that never come
  /// again, which follow those, and for phases, each of which adds key_count to the keys of the
  /// one before it.
  virtual uint64_t Next() = 0;
};

/// The source for a trace of any kind but kFile.
std::unique_ptr<KeySource> MakeKeySource(const TraceOptions& options);

}  // namespace quarry::bench
