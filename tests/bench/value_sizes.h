#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace quarry::bench {

/// The distribution of value sizes over keys. A key's size is always the same, so that a set that
/// overwrites changes nothing about how full the server is.
class ValueSizes {
 public:
  enum class Shape {
    kFixed,
    kUniform,
    kLognormal,
    kPareto
  };

  struct Options {
    Shape shape = Shape::kFixed;
    size_t min_bytes = 100;  // for kFixed the size itself
    size_t max_bytes = 100;
    double median_bytes = 0;  // for kLognormal
    double sigma = 0;         // for kLognormal: the deviation of the size's natural logarithm
    double scale_bytes = 0;   // for kPareto, the generalised one that begins at 0
    double tail = 0;          // for kPareto: its shape; the heavier the nearer to 1
  };

  /// Reads "SIZE", "MIN:MAX", "lognormal:MEDIAN:SIGMA:MIN:MAX" or "pareto:SCALE:SHAPE:MIN:MAX".
  /// Returns an empty text and fills *options, or says what is wrong.
  static std::string Parse(std::string_view text, Options* options);

  explicit ValueSizes(const Options& options) : options_(options) {}

  size_t SizeOf(uint64_t key_number) const;
  /// The mean over the first keys, at least 1.
  size_t MeanBytes() const;

 private:
  size_t Clamped(double size) const;

  const Options options_;
};

}  // namespace quarry::bench
