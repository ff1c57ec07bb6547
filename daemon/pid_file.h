#pragma once

#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace quarry::daemon {

/// The file of -P, which holds the process's id and a line feed.
class PidFile {
 public:
  /// Writes it. The path is remembered as an absolute one.
  static absl::StatusOr<PidFile> Write(const std::string& path);

  const std::string& path() const { return path_; }

  /// Removes it, unless another process has written its own id there since. Fails where the
  /// server's user may not change the directory.
  absl::Status Remove() const;

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace quarry::daemon
