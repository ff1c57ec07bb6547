#include "daemon/process_limits.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

namespace quarry::daemon {

absl::StatusOr<uint64_t> RaiseDescriptorLimit(uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return absl::ErrnoToStatus(errno, "reading the limit of open descriptors");
  }
  if (limit.rlim_cur >= wanted) {
    return limit.rlim_cur;
  }
  const rlimit raised{wanted, std::max<rlim_t>(limit.rlim_max, wanted)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
    return wanted;
  }
  const rlimit within_hard{std::min<rlim_t>(limit.rlim_max, wanted), limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &within_hard) != 0) {
    return limit.rlim_cur;
  }
  return within_hard.rlim_cur;
}

absl::Status ForbidCoreFiles() {
  rlimit present{};
  if (getrlimit(RLIMIT_CORE, &present) == 0 && present.rlim_max == 0) {
    return absl::OkStatus();  // and a sandbox may refuse the change
  }
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    return absl::ErrnoToStatus(errno, "switching off core files");
  }
  return absl::OkStatus();
}

absl::Status AllowCoreFiles() {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_CORE, &unlimited) == 0) {
    return absl::OkStatus();
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max > 0 && setrlimit(RLIMIT_CORE, &limit) == 0) {
      return absl::OkStatus();
    }
  }
  return absl::PermissionDeniedError("core files are not allowed by the system's limit");
}

absl::Status ForbidNewPrivileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return absl::ErrnoToStatus(errno, "forbidding new privileges");
  }
  return absl::OkStatus();
}

}  // namespace quarry::daemon
