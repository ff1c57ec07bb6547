#pragma once

#include <sys/types.h>

#include <functional>
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

/// Runs `step` with the rights that BecomeUser leaves, and takes back those of before: for root,
/// and for what is to be open to the user in the same way later. Affects every thread. What `step`
/// returns, or why its rights could not be had.
absl::Status RunAsUser(User user, const std::function<absl::Status()>& step);

/// Leaves root for good: no supplementary groups, the user's group, the user; and makes sure that
/// there is no way back. Affects every thread. For root itself only the groups go.
absl::Status BecomeUser(User user);

}  // namespace quarry::daemon
