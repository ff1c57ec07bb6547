#include "daemon/user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include <absl/strings/str_cat.h>

namespace quarry::daemon {
namespace {

constexpr uid_t kRoot = 0;
constexpr size_t kFirstPasswdBytes = 1024;
constexpr size_t kMaxPasswdBytes = size_t{1} << 20;

/// True when the process could take back what it gave up.
bool CanRegainRoot(User user) {
  return (user.uid != kRoot && (setuid(kRoot) == 0 || seteuid(kRoot) == 0)) ||
         (user.uid != kRoot && user.gid != 0 && (setgid(0) == 0 || setegid(0) == 0));
}

}  // namespace

absl::StatusOr<User> LookUpUser(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> strings(kFirstPasswdBytes);
  int error = 0;
  while ((error = getpwnam_r(name.c_str(), &entry, strings.data(), strings.size(), &found)) ==
             ERANGE &&
         strings.size() < kMaxPasswdBytes) {
    strings.resize(strings.size() * 2);
  }
  if (error != 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("looking up the user ", name));
  }
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no user ", name));
  }
  return User{entry.pw_uid, entry.pw_gid};
}

absl::Status GiveFile(const std::string& path, User user) {
  if (lchown(path.c_str(), user.uid, user.gid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("changing the owner of ", path));
  }
  return absl::OkStatus();
}

absl::Status BecomeUser(User user) {
  // EPERM: there is nothing that could be dropped, as in a container without the capability.
  if (setgroups(0, nullptr) != 0 && errno != EPERM) {
    return absl::ErrnoToStatus(errno, "dropping supplementary groups");
  }
  if (setresgid(user.gid, user.gid, user.gid) != 0) {
    return absl::ErrnoToStatus(errno, "changing the group");
  }
  if (setresuid(user.uid, user.uid, user.uid) != 0) {
    return absl::ErrnoToStatus(errno, "changing the user");
  }
  if (CanRegainRoot(user)) {
    return absl::InternalError("root's rights could be regained after they were dropped");
  }
  return absl::OkStatus();
}

}  // namespace quarry::daemon
