#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quarry::core {

/// One kind of step of a random walk, taken in proportion to its weight.
template <typename Walker>
struct WeightedOperation {
  uint32_t weight;
  void (Walker::*run)();
};

template <typename Walker, size_t kCount>
constexpr uint32_t TotalWeight(const std::array<WeightedOperation<Walker>, kCount>& operations) {
  uint32_t total = 0;
  for (const auto& operation : operations) {
    total += operation.weight;
  }
  return total;
}

/// Takes the step that `drawn`, a random number below TotalWeight, stands for.
template <typename Walker, size_t kCount>
void RunDrawn(const std::array<WeightedOperation<Walker>, kCount>& operations, uint32_t drawn,
              Walker& walker) {
  size_t index = 0;
  while (drawn >= operations[index].weight) {
    drawn -= operations[index++].weight;
  }
  (walker.*operations[index].run)();
}

}  // namespace quarry::core
