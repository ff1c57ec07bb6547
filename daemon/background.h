#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace quarry::daemon {

/// The way into the background (-d). The process forks; the parent stays until the child serves or
/// ends, and then exits with 0 or with the child's code, so that whoever started it learns of a
/// port that is taken. Until then the child's messages go where the parent's go.
class Background {
 public:
  /// Forks: before any thread is started. Returns in the child only, which leads a session of its
  /// own.
  static absl::StatusOr<Background> Enter();

  Background(Background&& other) noexcept;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  Background& operator=(Background&&) = delete;
  ~Background();

  /// Lets the parent go, lets go of the working directory, and of standard input and output, and of
  /// standard error unless it is to be kept.
  absl::Status Ready(bool keep_stderr);

 private:
  explicit Background(int parent_pipe) : parent_pipe_(parent_pipe) {}

  int parent_pipe_;  // one byte tells the parent; -1 after that
};

}  // namespace quarry::daemon
