#include "tests/bench/key_pattern.h"

namespace quarry::bench {
namespace {

/// The first prime above 2^32, hence coprime to every possible number of keys: multiplying by it
/// modulo that number scatters the popular ranks over the key space without a collision.
constexpr uint64_t kScatterPrime = 4294967311;

}  // namespace

KeyPattern::KeyPattern(const KeyPatternOptions& options)
    : order_(options.order),
      key_count_(options.key_count),
      scatter_step_(kScatterPrime % options.key_count) {
  if (order_ == KeyOrder::kZipf) {
    zipf_.emplace(key_count_, options.zipf_exponent);
  }
}

uint64_t KeyPattern::Next(Random& random) {
  switch (order_) {
    case KeyOrder::kUniform:
      return random.Below(key_count_);
    case KeyOrder::kZipf:
      return (zipf_->Draw(random) - 1) * scatter_step_ % key_count_;
    case KeyOrder::kSequential:
      break;
  }
  const uint64_t key_number = next_sequential_;
  next_sequential_ = key_number + 1 == key_count_ ? 0 : key_number + 1;
  return key_number;
}

}  // namespace quarry::bench
