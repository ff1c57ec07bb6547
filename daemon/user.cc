#include "daemon/user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>

#include "core/base/check.h"

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

/// EPERM: there is nothing that could be changed, as in a container without the capability.
bool SetGroups(const std::vector<gid_t>& groups) {
  return setgroups(groups.size(), groups.data()) == 0 || errno == EPERM;
}

/// The groups that root's rights begin and end with.
struct Groups {
  gid_t effective = getegid();
  std::vector<gid_t> supplementary;
};

absl::StatusOr<Groups> PresentGroups() {
  Groups groups;
  const int count = getgroups(0, nullptr);
  groups.supplementary.resize(count > 0 ? static_cast<size_t>(count) : 0);
  if (count < 0 || getgroups(count, groups.supplementary.data()) != count) {
    return absl::ErrnoToStatus(errno, "reading the supplementary groups");
  }
  return groups;
}

/// Where there was a way away from root for a while, there is one back.
void ReturnToRoot(const Groups& groups) {
  QUARRY_CHECK(seteuid(kRoot) == 0);
  QUARRY_CHECK(setegid(groups.effective) == 0);
  QUARRY_CHECK(SetGroups(groups.supplementary));
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

absl::Status RunAsUser(User user, const std::function<absl::Status()>& step) {
  if (user.uid == kRoot) {
    return step();
  }
  const absl::StatusOr<Groups> groups = PresentGroups();
  if (!groups.ok()) {
    return groups.status();
  }
  const absl::Cleanup return_to_root = [&groups] {
    ReturnToRoot(*groups);
  };
  if (!SetGroups({}) || setegid(user.gid) != 0 || seteuid(user.uid) != 0) {
    return absl::ErrnoToStatus(errno, "taking the user's rights");
  }
  return step();
}

absl::Status BecomeUser(User user) {
  if (!SetGroups({})) {
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
