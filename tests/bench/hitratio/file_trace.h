#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/bench/hitratio/trace.h"
#include "tests/bench/value_sizes.h"

namespace quarry::bench {

/// A trace from a file: one request a line, an id and, separated by spaces or tabs, optionally the
/// bytes of its value. The id, 1 to 250 bytes without space or control characters, is the key.
/// Anything else is an error that names file and line.
class FileTrace : public Trace {
 public:
  static constexpr uint64_t kMaxValueBytes = uint64_t{50} << 20;

  /// `sizes` are for lines without a size.
  FileTrace(const std::string& path, const ValueSizes::Options& sizes);

  bool Next(TraceRequest* request) override;
  const std::string& error() const override { return error_; }

 private:
  bool Fail(std::string_view reason);
  bool ReadLine(std::string_view line, TraceRequest* request);

  const std::string path_;
  const ValueSizes sizes_;
  std::ifstream file_;
  std::string line_;
  uint64_t line_number_ = 0;
  std::string error_;
};

}  // namespace quarry::bench
