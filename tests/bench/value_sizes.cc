#include "tests/bench/value_sizes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/bench/random.h"

namespace quarry::bench {
namespace {

constexpr std::string_view kExpected =
    "expected SIZE, MIN:MAX, lognormal:MEDIAN:SIGMA:MIN:MAX or pareto:SCALE:SHAPE:MIN:MAX (bytes)";
constexpr uint64_t kSizeSalt = 0x51a3;
constexpr uint64_t kKeysForMean = 10'000;

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(colon + 1);
  }
}

template <typename Number>
bool Read(std::string_view text, Number* number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc{} && rest == end;
}

}  // namespace

std::string ValueSizes::Parse(std::string_view text, Options* options) {
  const std::vector<std::string_view> parts = Split(text);
  Options read;
  bool valid = false;
  if (parts.size() == 1) {
    read.shape = Shape::kFixed;
    valid = Read(parts[0], &read.min_bytes);
    read.max_bytes = read.min_bytes;
  } else if (parts.size() == 2) {
    read.shape = Shape::kUniform;
    valid = Read(parts[0], &read.min_bytes) && Read(parts[1], &read.max_bytes) &&
            read.min_bytes <= read.max_bytes;
  } else if (parts.size() == 5 && parts[0] == "lognormal") {
    read.shape = Shape::kLognormal;
    valid = Read(parts[1], &read.median_bytes) && Read(parts[2], &read.sigma) &&
            Read(parts[3], &read.min_bytes) && Read(parts[4], &read.max_bytes) &&
            read.median_bytes > 0 && read.sigma >= 0 && read.min_bytes <= read.max_bytes;
  } else if (parts.size() == 5 && parts[0] == "pareto") {
    read.shape = Shape::kPareto;
    valid = Read(parts[1], &read.scale_bytes) && Read(parts[2], &read.tail) &&
            Read(parts[3], &read.min_bytes) && Read(parts[4], &read.max_bytes) &&
            read.scale_bytes > 0 && read.tail > 0 && read.tail < 1 &&
            read.min_bytes <= read.max_bytes;
  }
  if (!valid) {
    return std::string(kExpected);
  }
  *options = read;
  return {};
}

size_t ValueSizes::SizeOf(uint64_t key_number) const {
  if (options_.shape == Shape::kFixed) {
    return options_.min_bytes;
  }
  const uint64_t first = Mix(key_number ^ kSizeSalt);
  if (options_.shape == Shape::kUniform) {
    const uint64_t span = options_.max_bytes - options_.min_bytes + 1;
    return options_.min_bytes + (((first >> 32) * span) >> 32);
  }
  if (options_.shape == Shape::kPareto) {
    const double rank = 1 - ToUnitInterval(first);  // the inverse of the distribution, read at it
    return Clamped(options_.scale_bytes / options_.tail * (std::pow(rank, -options_.tail) - 1));
  }
  // Box and Muller's transform of two uniform numbers into one normal one.
  const double radius = std::sqrt(-2 * std::log(1 - ToUnitInterval(first)));
  const double normal = radius * std::cos(2 * std::numbers::pi * ToUnitInterval(Mix(first)));
  return Clamped(options_.median_bytes * std::exp(options_.sigma * normal));
}

size_t ValueSizes::MeanBytes() const {
  uint64_t sum = 0;
  for (uint64_t key_number = 0; key_number < kKeysForMean; ++key_number) {
    sum += SizeOf(key_number);
  }
  return std::max<uint64_t>(sum / kKeysForMean, 1);
}

size_t ValueSizes::Clamped(double size) const {
  return static_cast<size_t>(std::clamp(size, static_cast<double>(options_.min_bytes),
                                        static_cast<double>(options_.max_bytes)));
}

}  // namespace quarry::bench
