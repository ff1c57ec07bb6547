#include "tests/bench/hitratio/generated_trace.h"

namespace quarry::bench {

GeneratedTrace::GeneratedTrace(const TraceOptions& options)
    : keys_(MakeKeySource(options)),
      key_count_(options.key_count),
      requests_left_(options.requests) {
  sizes_.reserve(options.phase_sizes.size());
  for (const ValueSizes::Options& sizes : options.phase_sizes) {
    sizes_.emplace_back(sizes);
  }
}

bool GeneratedTrace::Next(TraceRequest* request) {
  if (requests_left_ == 0) {
    return false;
  }
  --requests_left_;
  const uint64_t key_number = keys_->Next();
  const char* const key_end = format_.Write(key_.data(), key_number);
  request->key = {key_.data(), static_cast<size_t>(key_end - key_.data())};
  request->key_number = key_number;
  request->phase = PhaseOf(key_number);
  request->value_bytes = sizes_[request->phase].SizeOf(key_number);
  return true;
}

}  // namespace quarry::bench
