#include "tests/bench/floor/huge_pages.h"

#include <sys/mman.h>

#include <memory>

namespace quarry::bench {
namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;

}  // namespace

std::vector<char> MemoryInHugePages(size_t bytes) {
  std::vector<char> memory;
  memory.reserve(bytes);
  void* begin = memory.data();
  size_t left_bytes = bytes;
  if (std::align(kHugePageBytes, kHugePageBytes, begin, left_bytes) != nullptr) {
    // Only advice: without it all is as right and costs more.
    static_cast<void>(madvise(begin, left_bytes / kHugePageBytes * kHugePageBytes, MADV_HUGEPAGE));
  }
  memory.assign(bytes, 'v');
  return memory;
}

}  // namespace quarry::bench
