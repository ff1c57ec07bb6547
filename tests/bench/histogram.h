#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace quarry::bench {

/// Counts of durations in buckets whose width grows with the value: 64 buckets for each power of
/// two, so that every percentile is known within 1.6 %. The largest value is kept exactly.
class Histogram {
 public:
  void Record(uint64_t value) {
    ++counts_[BucketOf(value)];
    ++total_;
    if (value > max_) {
      max_ = value;
    }
  }

  /// The largest value of the bucket that holds the given fraction (0 to 1) of all values, at most
  /// Max(); 0 where nothing was recorded.
  uint64_t Percentile(double fraction) const;

  uint64_t Max() const { return max_; }
  uint64_t Total() const { return total_; }
  void Clear();

  /// Values up to 2 * kSubBuckets have a bucket each; above, a bucket is named by the position of
  /// the value's highest bit and the six bits below it.
  static constexpr size_t BucketOf(uint64_t value) {
    if (value < kSubBuckets) {
      return value;
    }
    const size_t shift = 63 - kSubBucketBits - static_cast<unsigned>(std::countl_zero(value));
    return (shift << kSubBucketBits) + (value >> shift);
  }

  /// The largest value that falls into a bucket.
  static constexpr uint64_t BucketEnd(size_t bucket) {
    if (bucket < kSubBuckets) {
      return bucket;
    }
    const size_t shift = (bucket >> kSubBucketBits) - 1;
    const uint64_t first = (bucket & (kSubBuckets - 1)) | kSubBuckets;
    return (first << shift) + ((uint64_t{1} << shift) - 1);
  }

 private:
  static constexpr size_t kSubBucketBits = 6;
  static constexpr size_t kSubBuckets = size_t{1} << kSubBucketBits;
  static constexpr size_t kBuckets = (64 - kSubBucketBits + 1) << kSubBucketBits;

  std::array<uint64_t, kBuckets> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace quarry::bench
