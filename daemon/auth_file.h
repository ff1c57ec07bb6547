#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/command/user_store.h"

namespace quarry::daemon {

/// The file that names the users and their passwords, and the users that it held when it was last
/// right. The main thread's; users() is anybody's.
class AuthFile {
 public:
  /// No file is longer.
  static constexpr size_t kMaxBytes = 1 << 20;

  /// Reads the file, which must be a regular one. The error names it, and the number of a line that
  /// is wrong.
  static absl::StatusOr<std::unique_ptr<AuthFile>> Open(const std::string& path);

  /// Reads it again; after an error the users stay those of before. A relative path is that of the
  /// directory in which the file was opened.
  absl::Status Reload();

  const std::string& path() const { return path_; }
  const command::UserStore& users() const { return users_; }
  size_t user_count() const { return user_count_; }

 private:
  AuthFile(std::string path, command::UserList users)
      : path_(std::move(path)), user_count_(users.size()), users_(std::move(users)) {}

  const std::string path_;  // absolute
  size_t user_count_;
  command::UserStore users_;
};

}  // namespace quarry::daemon
