#include "tests/bench/zipf.h"

#include <algorithm>
#include <cmath>

namespace quarry::bench {

Zipf::Zipf(uint64_t n, double exponent)
    : n_(static_cast<double>(n)),
      exponent_(exponent),
      area_begin_(Area(1.5) - 1),
      area_end_(Area(n_ + 0.5)),
      sure_distance_(2 - InverseArea(Area(2.5) - Weight(2))) {}

double Zipf::Weight(double x) const {
  return std::exp(-exponent_ * std::log(x));
}

double Zipf::Area(double x) const {
  const double power = 1 - exponent_;
  const double log_x = std::log(x);
  return power == 0 ? log_x : std::expm1(power * log_x) / power;
}

double Zipf::InverseArea(double area) const {
  const double power = 1 - exponent_;
  if (power == 0) {
    return std::exp(area);
  }
  // Rounding may push the argument just below the domain of the logarithm.
  return std::exp(std::log1p(std::max(area * power, -1.0)) / power);
}

uint64_t Zipf::Draw(Random& random) const {
  for (;;) {
    const double area = area_end_ + random.NextDouble() * (area_begin_ - area_end_);
    const double x = InverseArea(area);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, n_);
    if (rank - x <= sure_distance_ || area >= Area(rank + 0.5) - Weight(rank)) {
      return static_cast<uint64_t>(rank);
    }
  }
}

}  // namespace quarry::bench
