#pragma once

#include <cstdint>

namespace quarry {

/// Knows parties by numbers, and tells them that what they wait for has come.
class Waker {
 public:
  virtual ~Waker() = default;

  /// Any thread, also under other locks: may only post a message. A party that is no longer there
  /// hears nothing.
  virtual void Wake(uint64_t party) = 0;
};

/// The call that wakes one party of a Waker, which outlives it; or nobody. Two words, since every
/// connection keeps one.
class WakeUp {
 public:
  WakeUp() = default;
  WakeUp(Waker& waker, uint64_t party) : waker_(&waker), party_(party) {}

  void operator()() const {
    if (waker_ != nullptr) {
      waker_->Wake(party_);
    }
  }

 private:
  Waker* waker_ = nullptr;
  uint64_t party_ = 0;
};

}  // namespace quarry
