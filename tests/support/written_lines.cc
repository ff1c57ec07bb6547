#include "tests/support/written_lines.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "core/base/cache_line.h"
#include "tests/support/catch.h"

namespace quarry {

std::vector<WrittenLines::Range> WrittenLines::WritableRanges() {
  const int on_the_stack = 0;
  const auto stack = reinterpret_cast<uintptr_t>(&on_the_stack);
  std::vector<Range> ranges;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    Range range = {};
    char dash = 0;
    std::string access;
    fields >> std::hex >> range.begin >> dash >> range.end >> access;
    REQUIRE(fields);
    if (access == "rw-p" && (stack < range.begin || stack >= range.end)) {
      ranges.push_back(range);
    }
  }
  return ranges;
}

WrittenLines::WrittenLines() : ranges_(WritableRanges()) {
  for (const Range& range : ranges_) {
    copy_bytes_ += range.end - range.begin;
  }
  void* const copy =
      mmap(nullptr, copy_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(copy != MAP_FAILED);
  copy_ = static_cast<char*>(copy);
  char* place = copy_;
  for (const Range& range : ranges_) {
    std::memcpy(place, reinterpret_cast<const void*>(range.begin), range.end - range.begin);
    place += range.end - range.begin;
  }
}

WrittenLines::~WrittenLines() {
  munmap(copy_, copy_bytes_);
}

std::set<uintptr_t> WrittenLines::Find() const {
  std::array<uintptr_t, kMaxLines> found = {};  // no allocation before all has been compared
  size_t count = 0;
  const char* place = copy_;
  for (const Range& range : ranges_) {
    for (uintptr_t line = range.begin; line < range.end;
         line += kCacheLineBytes, place += kCacheLineBytes) {
      if (std::memcmp(place, reinterpret_cast<const void*>(line), kCacheLineBytes) != 0 &&
          count < kMaxLines) {
        found[count++] = line;
      }
    }
  }
  REQUIRE(count < kMaxLines);
  return {found.begin(), found.begin() + static_cast<ptrdiff_t>(count)};
}

std::vector<uintptr_t> WrittenLines::Shared(const std::set<uintptr_t>& first,
                                            const std::set<uintptr_t>& second) {
  std::vector<uintptr_t> shared;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(shared));
  return shared;
}

}  // namespace quarry
