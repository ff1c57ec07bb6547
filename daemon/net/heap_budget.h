#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace quarry::net {

/// Bounds what all connections together keep on the heap: input that waits, and replies that their
/// sockets have not taken. Each may keep kFreeBytes; what is beyond that comes out of one budget.
/// Once that is used up, turns are tight: they read and answer so little at a time that no
/// connection keeps more than it may, but for single texts that are longer, such as statistics: as
/// much again is for these. Safe on any thread.
class HeapBudget {
 public:
  static constexpr size_t kFreeBytes = 8192;
  static constexpr int64_t kBytes = int64_t{8} << 20;

  // In a tight turn.
  static constexpr size_t kTightReplyBytes = 8192;
  static constexpr size_t kTightReplyPieces = 16;
  static constexpr size_t kTightReadBytes = 4096;

  /// Relaxed: turns that look at the same time may each go beyond the budget once.
  bool is_tight() const { return spare_bytes_.load(std::memory_order_relaxed) <= 0; }

  /// True when what can wait should not be kept, so that the others' turns do not become tight.
  bool is_scarce() const { return spare_bytes_.load(std::memory_order_relaxed) <= kBytes / 2; }

  /// True while somebody may keep a text longer than what a tight turn answers.
  bool takes_long_texts() const {
    return large_bytes_.load(std::memory_order_relaxed) <= 2 * kBytes;
  }

  /// A connection keeps `bytes` now. `charged_bytes` is what it has been charged, at first 0.
  void Charge(size_t bytes, uint32_t& charged_bytes) {
    const auto excess_bytes = static_cast<uint32_t>(bytes > kFreeBytes ? bytes - kFreeBytes : 0);
    if (excess_bytes != charged_bytes) {
      spare_bytes_.fetch_add(int64_t{charged_bytes} - int64_t{excess_bytes},
                             std::memory_order_relaxed);
      large_bytes_.fetch_add(LargePart(excess_bytes) - LargePart(charged_bytes),
                             std::memory_order_relaxed);
      charged_bytes = excess_bytes;
    }
  }

 private:
  /// What is more than replies of tight turns come to.
  static int64_t LargePart(uint32_t excess_bytes) {
    return std::max<int64_t>(excess_bytes, kTightReplyBytes) - int64_t{kTightReplyBytes};
  }

  std::atomic<int64_t> spare_bytes_{kBytes};
  std::atomic<int64_t> large_bytes_{0};
};

}  // namespace quarry::net
