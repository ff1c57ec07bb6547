#include "tests/bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace quarry::bench {

uint64_t Histogram::Percentile(double fraction) const {
  const double wanted = std::ceil(fraction * static_cast<double>(total_));
  const auto rank = std::max<uint64_t>(static_cast<uint64_t>(wanted), 1);
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank) {
      return std::min(BucketEnd(bucket), max_);
    }
  }
  return max_;
}

void Histogram::Clear() {
  counts_.fill(0);
  total_ = 0;
  max_ = 0;
}

}  // namespace quarry::bench
