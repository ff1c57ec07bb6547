#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quarry::bench {

/// Requests and how many of them hit, by number and by the bytes of their values.
struct HitCount {
  uint64_t requests = 0;
  uint64_t hits = 0;
  uint64_t bytes = 0;
  uint64_t hit_bytes = 0;

  void Add(size_t value_bytes, bool hit) {
    ++requests;
    bytes += value_bytes;
    if (hit) {
      ++hits;
      hit_bytes += value_bytes;
    }
  }

  /// 0 where nothing was asked.
  double Ratio() const { return Share(hits, requests); }
  double ByteRatio() const { return Share(hit_bytes, bytes); }

 private:
  static double Share(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

/// Counts the hits of a replay: in all, in windows of so many requests, and by phase.
class Tally {
 public:
  /// window_requests >= 1.
  explicit Tally(uint64_t window_requests) : window_requests_(window_requests) {}

  void Record(size_t phase, size_t value_bytes, bool hit) {
    if (windows_.empty() || windows_.back().requests == window_requests_) {
      windows_.emplace_back();
    }
    if (phase >= phases_.size()) {
      phases_.resize(phase + 1);
    }
    windows_.back().Add(value_bytes, hit);
    phases_[phase].Add(value_bytes, hit);
    total_.Add(value_bytes, hit);
  }

  const HitCount& total() const { return total_; }
  const std::vector<HitCount>& windows() const { return windows_; }
  const std::vector<HitCount>& phases() const { return phases_; }
  uint64_t window_requests() const { return window_requests_; }

 private:
  const uint64_t window_requests_;
  HitCount total_;
  std::vector<HitCount> windows_;
  std::vector<HitCount> phases_;
};

}  // namespace quarry::bench
