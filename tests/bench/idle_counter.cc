#include "tests/bench/idle_counter.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace quarry::bench {

std::unique_ptr<IdleCounter> IdleCounter::Open(const std::string& path, std::string* error) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void* mapping = MAP_FAILED;
  // A new file is filled with zeros, which are the number nought.
  if (fd >= 0 && ftruncate(fd, sizeof(Number)) == 0) {
    mapping = mmap(nullptr, sizeof(Number), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  if (mapping == MAP_FAILED) {
    *error = path + ": " + std::generic_category().message(errno);
  }
  if (fd >= 0) {
    close(fd);
  }
  return mapping == MAP_FAILED
             ? nullptr
             : std::unique_ptr<IdleCounter>(new IdleCounter(static_cast<Number*>(mapping)));
}

IdleCounter::~IdleCounter() {
  munmap(ns_, sizeof(Number));
}

}  // namespace quarry::bench
