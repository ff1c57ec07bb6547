#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/engine.h"
#include "tests/bench/engine/hold_options.h"
#include "tests/bench/engine/numbered_key.h"
#include "tests/bench/random.h"

namespace quarry::bench {

/// Leads an engine through everything that makes it work under its locks: growth, eviction, sizes
/// that shift, large values, deletion, expiry. Every walk with the same options does the same.
class HoldWalk {
 public:
  struct Phase {
    const char* name;
    void (HoldWalk::*prepare)();  // what the phase finds, and what is not to be measured
    void (HoldWalk::*run)();
  };
  static std::span<const Phase> Phases();

  explicit HoldWalk(const HoldOptions& options);

  /// Why there is no engine, in which case nothing else may be called, or that a store was refused;
  /// an empty text where all is well.
  const std::string& failure() const { return failure_; }

  void Prepare(const Phase& phase) { (this->*phase.prepare)(); }
  void Run(const Phase& phase) { (this->*phase.run)(); }

  /// Which of the engine's operations is being called.
  const char* call() const { return call_; }
  core::EngineStats Stats() const { return engine_->Stats(now_); }

 private:
  void StartAnew();
  void FillWithSmall();
  void FillWithExpiring();
  void StayAsItIs() {}

  void GrowIndex();
  void Fill();
  void Evict();
  void ShiftTo1000() { Shift(1000, 1000); }
  void ShiftTo300To3000() { Shift(300, 3000); }
  void ShiftTo60() { Shift(60, 60); }
  void StoreMedium();
  void StoreMegabytes();
  void StoreHuge();
  void DeleteAll();
  void ExpireAll();
  void FlushAll();
  void ReadStats();

  /// As many values of so many bytes as the memory holds.
  uint64_t Fitting(uint64_t value_bytes) const { return memory_bytes_ / (value_bytes + 64); }
  void SetMany(uint64_t count, uint64_t value_bytes);
  /// New keys, and gets of older ones, so that pages on the move hold items worth keeping.
  void Shift(uint64_t min_bytes, uint64_t max_bytes);
  void MaintainAll();

  void Set(uint64_t number, uint64_t value_bytes, Expiry expiry = kNever);
  void SetLarge(const core::Key& key, uint64_t value_bytes);
  void Get(uint64_t number);
  /// The clock moves with the operations.
  void Tick();

  const HoldOptions options_;
  const uint64_t memory_bytes_;
  const std::string value_;
  std::unique_ptr<core::Engine> engine_;
  Instant now_{100, 100};
  uint64_t ticks_ = 0;
  uint64_t next_number_ = 0;  // keys from here on were never stored
  Random random_{1};
  NumberedKey key_;
  const char* call_ = "";
  std::string failure_;
};

}  // namespace quarry::bench
