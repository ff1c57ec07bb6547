#pragma once

#include <cstdint>
#include <optional>

#include "tests/bench/random.h"
#include "tests/bench/zipf.h"

namespace quarry::bench {

enum class KeyOrder {
  kUniform,
  kZipf,
  kSequential
};

struct KeyPatternOptions {
  KeyOrder order = KeyOrder::kUniform;
  double zipf_exponent = 0.99;
  uint64_t key_count = 0;  // at most 2^32
};

/// Chooses which key is asked for next. Shared by all connections of one run: a connection brings
/// its own source of randomness, while a sequential order goes on across connections, so that a
/// preload writes every key exactly once.
class KeyPattern {
 public:
  explicit KeyPattern(const KeyPatternOptions& options);

  /// A key number below key_count.
  uint64_t Next(Random& random);

 private:
  const KeyOrder order_;
  const uint64_t key_count_;
  const uint64_t scatter_step_;
  std::optional<Zipf> zipf_;
  uint64_t next_sequential_ = 0;
};

}  // namespace quarry::bench
