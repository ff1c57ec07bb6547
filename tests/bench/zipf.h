#pragma once

#include <cstdint>

#include "tests/bench/random.h"

namespace quarry::bench {

/// Draws ranks from 1 to n with probability proportional to 1 / rank^exponent.
///
/// Rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from
/// monotone discrete distributions", 1996): no table, a constant number of steps for any n, and
/// any exponent above 0, 1 included.
class Zipf {
 public:
  /// n >= 1, exponent > 0.
  Zipf(uint64_t n, double exponent);

  uint64_t Draw(Random& random) const;

 private:
  double Weight(double x) const;
  /// The integral of Weight from 1 to x, and its inverse.
  double Area(double x) const;
  double InverseArea(double area) const;

  const double n_;
  const double exponent_;
  const double area_begin_;
  const double area_end_;
  const double sure_distance_;  // a draw this close above its rank needs no test
};

}  // namespace quarry::bench
