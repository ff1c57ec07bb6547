#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/hitratio/key_source.h"
#include "tests/bench/hitratio/trace.h"
#include "tests/bench/key_format.h"
#include "tests/bench/value_sizes.h"

namespace quarry::bench {

/// A trace made from its options alone. Keys are 20 to 40 bytes long; the sizes of key and value
/// are functions of the key.
class GeneratedTrace : public Trace {
 public:
  /// Any kind but kFile.
  explicit GeneratedTrace(const TraceOptions& options);

  bool Next(TraceRequest* request) override;
  const std::string& error() const override { return no_error_; }

 private:
  static constexpr LengthRange kKeyLengths{20, 40};

  size_t PhaseOf(uint64_t key_number) const {
    return sizes_.size() == 1 ? 0 : key_number / key_count_;
  }

  const std::unique_ptr<KeySource> keys_;
  const uint64_t key_count_;
  const KeyFormat format_{kKeyLengths};
  std::vector<ValueSizes> sizes_;  // of each phase
  uint64_t requests_left_;
  std::array<char, KeyFormat::kMaxKeyBytes> key_{};
  const std::string no_error_;
};

}  // namespace quarry::bench
