#include "daemon/auth_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>

#include "daemon/absolute_path.h"

namespace quarry::daemon {
namespace {

using command::UserList;

absl::Status Error(int error, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat("reading ", path));
}

absl::StatusOr<std::string> Contents(const std::string& path) {
  // A FIFO in the place of the file is not to keep the server waiting for a writer.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return Error(errno, path);
  }
  const absl::Cleanup close_it = [descriptor] {
    close(descriptor);
  };
  struct stat file = {};
  if (fstat(descriptor, &file) != 0) {
    return Error(errno, path);
  }
  if (!S_ISREG(file.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat("reading ", path, ": not a regular file"));
  }
  std::string contents(AuthFile::kMaxBytes + 1, '\0');
  size_t filled = 0;
  for (;;) {
    const ssize_t received = read(descriptor, contents.data() + filled, contents.size() - filled);
    if (received < 0 && errno == EINTR) {
      continue;
    }
    if (received < 0) {
      return Error(errno, path);
    }
    filled += static_cast<size_t>(received);
    if (filled > AuthFile::kMaxBytes) {
      return absl::InvalidArgumentError(absl::StrCat("reading ", path, ": longer than 1 MB"));
    }
    if (received == 0) {
      contents.resize(filled);
      return contents;
    }
  }
}

absl::StatusOr<UserList> ReadUsers(const std::string& path) {
  const absl::StatusOr<std::string> contents = Contents(path);
  if (!contents.ok()) {
    return contents.status();
  }
  absl::StatusOr<UserList> users = UserList::Parse(*contents);
  if (!users.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", path, ": ", users.status().message()));
  }
  return users;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuthFile>> AuthFile::Open(const std::string& path) {
  const std::string absolute = AbsolutePath(path);
  absl::StatusOr<UserList> users = ReadUsers(absolute);
  if (!users.ok()) {
    return users.status();
  }
  return std::unique_ptr<AuthFile>(new AuthFile(absolute, *std::move(users)));
}

absl::Status AuthFile::Reload() {
  absl::StatusOr<UserList> users = ReadUsers(path_);
  if (!users.ok()) {
    return users.status();
  }
  user_count_ = users->size();
  users_.Replace(*std::move(users));
  return absl::OkStatus();
}

}  // namespace quarry::daemon
