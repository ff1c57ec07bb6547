#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

#include "core/base/cache_line.h"

namespace quarry {

/// An array of a fixed length whose elements are all zero bits at first, and which has its cache
/// lines to itself. A long one costs memory only where it was written to: the system gives it page
/// by page.
template <typename T>
class ZeroedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  /// Throws std::bad_alloc.
  explicit ZeroedArray(size_t size) : memory_(std::calloc(size + kSpare, sizeof(T))) {
    if (memory_ == nullptr) {
      throw std::bad_alloc();
    }
    const size_t beyond_line = reinterpret_cast<uintptr_t>(memory_.get()) % kCacheLineBytes;
    char* const begin = static_cast<char*>(memory_.get());
    elements_ =
        reinterpret_cast<T*>(beyond_line == 0 ? begin : begin + kCacheLineBytes - beyond_line);
  }

  T& operator[](size_t index) const { return elements_[index]; }

 private:
  /// Elements that suffice for the way to the first cache line, and to the end of the last.
  static constexpr size_t kSpare = 2 * (kCacheLineBytes - 1) / sizeof(T) + 1;

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  T* elements_;
};

}  // namespace quarry
