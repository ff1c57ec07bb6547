#include "tests/bench/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/check.h"

namespace quarry::bench {

MemoryFile::MemoryFile(size_t bytes) : descriptor_(memfd_create("values", MFD_CLOEXEC)) {
  QUARRY_CHECK(descriptor_ >= 0);
  QUARRY_CHECK(ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0);
  void* const mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  QUARRY_CHECK(mapping != MAP_FAILED);
  bytes_ = {static_cast<char*>(mapping), bytes};
}

MemoryFile::~MemoryFile() {
  munmap(bytes_.data(), bytes_.size());
  close(descriptor_);
}

}  // namespace quarry::bench
