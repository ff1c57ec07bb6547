#pragma once

#include <string>

namespace quarry::daemon {

/// A new directory, removed with all that is in it at the end.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

  /// Writes a file below the directory, whose own directories are made. `name` begins with a slash.
  void Write(const std::string& name, const std::string& contents) const;
  /// The contents of a file.
  std::string Read(const std::string& name) const;

 private:
  std::string path_;
};

}  // namespace quarry::daemon
