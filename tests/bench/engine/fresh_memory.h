#pragma once

#include <sys/mman.h>

#include <cstddef>

#include "core/base/check.h"

namespace quarry::bench {

/// Memory that the process has reserved and never touched, with the same advice to the system as
/// the engine gives for its own. What its first touches cost is the system's doing alone.
class FreshMemory {
 public:
  /// What the system may give at one fault, where it has huge pages.
  static constexpr size_t kStepBytes = size_t{2} << 20;

  explicit FreshMemory(size_t step_count)
      : bytes_(step_count * kStepBytes),
        mapping_(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    QUARRY_CHECK(mapping_ != MAP_FAILED);
    static_cast<void>(madvise(mapping_, bytes_, MADV_HUGEPAGE));
  }
  ~FreshMemory() { munmap(mapping_, bytes_); }
  FreshMemory(const FreshMemory&) = delete;
  FreshMemory& operator=(const FreshMemory&) = delete;

  /// Writes to the first byte of one step.
  void Touch(size_t step_index) {
    static_cast<volatile char*>(mapping_)[step_index * kStepBytes] = 1;
  }

 private:
  const size_t bytes_;
  void* const mapping_;
};

}  // namespace quarry::bench
