#pragma once

#include <unistd.h>

#include <utility>

namespace quarry::net {

/// Owns an open file descriptor, or nothing (-1), and closes it when destroyed.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }

  explicit operator bool() const { return descriptor_ >= 0; }
  int value() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

}  // namespace quarry::net
