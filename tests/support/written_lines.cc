#include "tests/support/written_lines.h"

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

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
    for (uintptr_t line = range.begin; line < range.end; line += kLineBytes, place += kLineBytes) {
      if (std::memcmp(place, reinterpret_cast<const void*>(line), kLineBytes) != 0 &&
          count < kMaxLines) {
        found[count++] = line;
      }
    }
  }
  return {found.begin(), found.begin() + static_cast<ptrdiff_t>(count)};
}

}  // namespace quarry
