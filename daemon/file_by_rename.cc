#include "daemon/file_by_rename.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>

namespace quarry::daemon {
namespace {

constexpr mode_t kReadableByAll = 0644;

absl::Status Error(int error, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat("writing ", path));
}

bool WriteAll(int descriptor, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = write(descriptor, contents.data(), contents.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    contents.remove_prefix(written < 0 ? 0 : static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::Status WriteFileByRename(const std::string& path, std::string_view contents) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return Error(errno, path);
  }
  absl::Cleanup remove_temporary = [&temporary] {
    unlink(temporary.c_str());
  };
  const bool written = WriteAll(descriptor, contents) && fchmod(descriptor, kReadableByAll) == 0;
  const int write_error = errno;
  if (close(descriptor) != 0 || !written) {
    return Error(written ? errno : write_error, path);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return Error(errno, path);
  }
  std::move(remove_temporary).Cancel();
  return absl::OkStatus();
}

}  // namespace quarry::daemon
