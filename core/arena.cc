#include "core/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include <absl/memory/memory.h>
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "core/base/check.h"

namespace quarry::core {
namespace {

// The smallest unit in which a system of ours gives memory.
constexpr size_t kSystemPageBytes = 4096;
constexpr uintptr_t kHugePageBytes = uintptr_t{2} << 20;

/// The first place at `address` or behind it where a huge page can begin.
char* AlignToHugePage(char* address) {
  const uintptr_t misfit = reinterpret_cast<uintptr_t>(address) % kHugePageBytes;
  return misfit == 0 ? address : address + (kHugePageBytes - misfit);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Arena>> Arena::Reserve(uint32_t page_count,
                                                      uint32_t first_huge_page) {
  // One page more for number 0, which is never used, and room for the alignment.
  const size_t bytes = ((size_t{page_count} + 1) << kPageShift) + kHugePageBytes;
  void* mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot reserve ", bytes >> 20, " MiB of address space"));
  }
  char* const begin = static_cast<char*>(mapping);
  const size_t bytes_before = size_t{first_huge_page} << kPageShift;
  char* const first = AlignToHugePage(begin + bytes_before);
  // Fewer TLB misses where the system has huge pages to give; where not, nothing is lost.
  static_cast<void>(madvise(first, bytes - static_cast<size_t>(first - begin), MADV_HUGEPAGE));
  return absl::WrapUnique(new Arena(begin, bytes, first - bytes_before, page_count));
}

Arena::Arena(char* mapping, size_t mapping_bytes, char* base, uint32_t page_count)
    : mapping_(mapping),
      mapping_bytes_(mapping_bytes),
      base_(base),
      page_count_(page_count),
      table_(size_t{page_count} + 1),
      block_owners_((size_t{page_count} + 1) * kBlocksPerPage) {}

Arena::~Arena() {
  munmap(mapping_, mapping_bytes_);
}

void Arena::Touch(uint32_t index) const {
  for (size_t offset = 0; offset < kPageBytes; offset += kSystemPageBytes) {
    *static_cast<volatile char*>(page(index) + offset) = 0;
  }
}

void Arena::Release(uint32_t index) const {
  const auto place = reinterpret_cast<uintptr_t>(page(index));
  const uintptr_t begin =
      std::max(place / kHugePageBytes * kHugePageBytes, reinterpret_cast<uintptr_t>(mapping_));
  const uintptr_t end = std::min((place / kHugePageBytes + 1) * kHugePageBytes,
                                 reinterpret_cast<uintptr_t>(mapping_) + mapping_bytes_);
  // A system without huge pages refuses, and has none to be refused.
  static_cast<void>(madvise(reinterpret_cast<void*>(begin), end - begin, MADV_NOHUGEPAGE));
  QUARRY_CHECK(madvise(page(index), kPageBytes, MADV_DONTNEED) == 0);
}

}  // namespace quarry::core
