#pragma once

#include <array>
#include <cstdint>

namespace quarry::bench {

/// A bijection of 64-bit numbers whose results look random (the finaliser of SplitMix64).
constexpr uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// Maps the upper 53 bits of a random number to [0, 1).
constexpr double ToUnitInterval(uint64_t random) {
  return static_cast<double>(random >> 11) * 0x1.0p-53;
}

/// Xoshiro256++ (Blackman and Vigna): a few cycles a number, far better than the standard
/// library's small engines, and the same sequence on every machine for one seed.
class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed = Mix(seed);
      word = seed;
    }
  }

  uint64_t Next() {
    const uint64_t result = Rotate(state_[0] + state_[3], 23) + state_[0];
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  /// A number in [0, bound), for bounds from 1 to 2^32.
  uint64_t Below(uint64_t bound) { return ((Next() >> 32) * bound) >> 32; }

  double NextDouble() { return ToUnitInterval(Next()); }

 private:
  static constexpr uint64_t Rotate(uint64_t x, int bits) {
    return (x << bits) | (x >> (64 - bits));
  }

  std::array<uint64_t, 4> state_{};
};

}  // namespace quarry::bench
