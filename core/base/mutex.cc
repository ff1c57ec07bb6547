#include "core/base/mutex.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace quarry {
namespace {

// Most holds are shorter than the way into the kernel and back.
constexpr int kSpins = 100;

void Pause() {
#ifdef __SSE2__
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

// What was written under the lock is released with it, and acquired by the next to take it.

void Mutex::Lock() {
  uint32_t expected = kFree;
  if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                      std::memory_order_relaxed)) [[unlikely]] {
    LockContended();
  }
}

void Mutex::Unlock() {
  if (state_.exchange(kFree, std::memory_order_release) == kContended) [[unlikely]] {
    state_.notify_one();
  }
}

void Mutex::LockContended() {
  for (int spin = 0; spin < kSpins; ++spin) {
    uint32_t expected = kFree;
    if (state_.load(std::memory_order_relaxed) == kFree &&
        state_.compare_exchange_weak(expected, kHeld, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      return;
    }
    Pause();
  }
  // Who has slept cannot know whether others still do, and so leaves the word at kContended: the
  // worst that comes of it is one call too many.
  while (state_.exchange(kContended, std::memory_order_acquire) != kFree) {
    state_.wait(kContended, std::memory_order_relaxed);
  }
}

}  // namespace quarry
