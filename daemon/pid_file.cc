#include "daemon/pid_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <absl/strings/str_cat.h>

#include "daemon/file_by_rename.h"

namespace quarry::daemon {

absl::StatusOr<PidFile> PidFile::Write(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("writing ", path, ": ", error.message()));
  }
  if (absl::Status status = WriteFileByRename(absolute, absl::StrCat(getpid(), "\n"));
      !status.ok()) {
    return status;
  }
  return PidFile(absolute);
}

absl::Status PidFile::Remove() const {
  pid_t written = 0;
  if (std::ifstream(path_) >> written && written != getpid()) {
    return absl::OkStatus();
  }
  if (unlink(path_.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat("removing ", path_));
  }
  return absl::OkStatus();
}

}  // namespace quarry::daemon
