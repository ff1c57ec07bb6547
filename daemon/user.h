#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace quarry::daemon {

/// The account that the server runs under.
struct User {
  uid_t uid;
  gid_t gid;
};

/// NotFound if there is no such account.
absl::StatusOr<User> LookUpUser(const std::string& name);

/// Makes `user` the owner of a file that root has made.
absl::Status GiveFile(const std::string& path, User user);

/// Leaves root for good: no supplementary groups, the user's group, the user; and makes sure that
/// there is no way back. Affects every thread. For root itself only the groups go.
absl::Status BecomeUser(User user);

}  // namespace quarry::daemon
