#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/hitratio/trace_options.h"

namespace quarry::bench {

/// One request of a trace: a get, and the set that follows where the get misses.
struct TraceRequest {
  std::string_view key;     // a view that lives until the trace is asked for its next request
  uint64_t key_number = 0;  // equal where the keys are
  size_t value_bytes = 0;
  size_t phase = 0;
};

/// A sequence of requests, read once from begin to end. Used by one thread.
class Trace {
 public:
  virtual ~Trace() = default;

  /// Fills *request and returns true; false at the end, or where the trace cannot be read on.
  virtual bool Next(TraceRequest* request) = 0;

  /// Why Next returned false; empty at the true end.
  virtual const std::string& error() const = 0;
};

/// The trace that the options describe. A file that cannot be opened shows at the first Next.
std::unique_ptr<Trace> OpenTrace(const TraceOptions& options);

}  // namespace quarry::bench
