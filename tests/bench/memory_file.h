#pragma once

#include <cstddef>
#include <span>

namespace quarry::bench {

/// Bytes that are a file without a name and memory at once: what is written to the memory, sendfile
/// takes from the file. Aborts where the system does not give it.
class MemoryFile {
 public:
  explicit MemoryFile(size_t bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::span<char> bytes() const { return bytes_; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
  std::span<char> bytes_;
};

}  // namespace quarry::bench
