#include "tests/bench/hitratio/key_source.h"

#include "tests/bench/key_pattern.h"
#include "tests/bench/random.h"
#include "tests/bench/zipf.h"

namespace quarry::bench {
namespace {

/// Zipf with the popular ranks scattered over the key numbers: what the other sources build on.
class ZipfKeys : public KeySource {
 public:
  explicit ZipfKeys(const TraceOptions& options)
      : random_(options.seed), pattern_({KeyOrder::kZipf, options.alpha, options.key_count}) {}

  uint64_t Next() override { return pattern_.Next(random_); }

 private:
  Random random_;
  KeyPattern pattern_;
};

/// Each scan goes on where the last one ended, and around.
class ScanKeys : public KeySource {
 public:
  explicit ScanKeys(const TraceOptions& options)
      : zipf_(options),
        scan_({KeyOrder::kSequential, 0, options.key_count}),
        scan_every_(options.scan_every),
        round_(options.scan_every + options.scan_keys) {}

  uint64_t Next() override {
    const bool scanning = position_ >= scan_every_;
    position_ = position_ + 1 == round_ ? 0 : position_ + 1;
    return scanning ? scan_.Next(unused_) : zipf_.Next();
  }

 private:
  ZipfKeys zipf_;
  KeyPattern scan_;
  Random unused_{0};  // a sequence needs no randomness
  const uint64_t scan_every_;
  const uint64_t round_;
  uint64_t position_ = 0;  // in the round of Zipf requests and a scan
};

/// A key becomes more popular with every move until it is the most popular one, and then the
/// least.
class ShiftKeys : public KeySource {
 public:
  explicit ShiftKeys(const TraceOptions& options)
      : random_(options.seed),
        zipf_(options.key_count, options.alpha),
        key_count_(options.key_count),
        shift_every_(options.shift_every),
        shift_keys_(options.shift_keys) {}

  uint64_t Next() override {
    const uint64_t moved = requests_++ / shift_every_ * shift_keys_;
    return (zipf_.Draw(random_) - 1 + moved) % key_count_;
  }

 private:
  Random random_;
  const Zipf zipf_;
  const uint64_t key_count_;
  const uint64_t shift_every_;
  const uint64_t shift_keys_;
  uint64_t requests_ = 0;
};

class OneHitKeys : public KeySource {
 public:
  explicit OneHitKeys(const TraceOptions& options)
      : coin_(Mix(options.seed)),
        zipf_(options),
        share_(options.one_hit_share),
        next_single_(options.key_count) {}

  uint64_t Next() override { return coin_.NextDouble() < share_ ? next_single_++ : zipf_.Next(); }

 private:
  Random coin_;
  ZipfKeys zipf_;
  const double share_;
  uint64_t next_single_;
};

class PhasedKeys : public KeySource {
 public:
  explicit PhasedKeys(const TraceOptions& options)
      : zipf_(options),
        key_count_(options.key_count),
        requests_(options.requests),
        phases_(options.phase_sizes.size()) {}

  uint64_t Next() override {
    const uint64_t phase = position_++ * phases_ / requests_;
    return phase * key_count_ + zipf_.Next();
  }

 private:
  ZipfKeys zipf_;
  const uint64_t key_count_;
  const uint64_t requests_;
  const uint64_t phases_;
  uint64_t position_ = 0;
};

}  // namespace

std::unique_ptr<KeySource> MakeKeySource(const TraceOptions& options) {
  switch (options.kind) {
    case TraceKind::kScan:
      return std::make_unique<ScanKeys>(options);
    case TraceKind::kShift:
      return std::make_unique<ShiftKeys>(options);
    case TraceKind::kOneHit:
      return std::make_unique<OneHitKeys>(options);
    case TraceKind::kSizeShift:
      return std::make_unique<PhasedKeys>(options);
    case TraceKind::kZipf:
    case TraceKind::kZipfMixed:
    case TraceKind::kFile:
      break;
  }
  return std::make_unique<ZipfKeys>(options);
}

}  // namespace quarry::bench
