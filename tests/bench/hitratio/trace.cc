#include "tests/bench/hitratio/trace.h"

#include "tests/bench/hitratio/file_trace.h"
#include "tests/bench/hitratio/generated_trace.h"

namespace quarry::bench {

std::unique_ptr<Trace> OpenTrace(const TraceOptions& options) {
  if (options.kind == TraceKind::kFile) {
    return std::make_unique<FileTrace>(options.path, options.phase_sizes.front());
  }
  return std::make_unique<GeneratedTrace>(options);
}

}  // namespace quarry::bench
