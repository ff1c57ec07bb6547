#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace quarry {

/// Tells which cache lines of this process's memory come to hold something else: all writable
/// mappings are copied, and compared later. What is written and changed back is not seen; nor is
/// the stack of the calling thread, where the object has to live.
class WrittenLines {
 public:
  /// Takes the copy.
  WrittenLines();
  ~WrittenLines();
  WrittenLines(const WrittenLines&) = delete;
  WrittenLines& operator=(const WrittenLines&) = delete;

  /// The addresses of the lines that have changed since then, fewer than kMaxLines.
  std::set<uintptr_t> Find() const;
  static constexpr size_t kMaxLines = 512;

  /// What two findings have in common.
  static std::vector<uintptr_t> Shared(const std::set<uintptr_t>& first,
                                       const std::set<uintptr_t>& second);

 private:
  struct Range {
    uintptr_t begin;
    uintptr_t end;
  };

  /// The writable mappings, but that of this stack.
  static std::vector<Range> WritableRanges();

  const std::vector<Range> ranges_;
  size_t copy_bytes_ = 0;
  char* copy_ = nullptr;  // a mapping of its own, which is none of the ranges
};

}  // namespace quarry
