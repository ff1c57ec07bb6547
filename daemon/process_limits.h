#pragma once

#include <cstdint>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace quarry::daemon {

/// Raises the soft limit of open descriptors, and the hard one where that is allowed, to at least
/// `wanted`. Returns the limit in the end, which may be lower.
absl::StatusOr<uint64_t> RaiseDescriptorLimit(uint64_t wanted);

/// No core files, since they would hold values; for good.
absl::Status ForbidCoreFiles();

/// Core files as large as they may be.
absl::Status AllowCoreFiles();

/// From here on no program that this thread or one it starts executes gains rights.
absl::Status ForbidNewPrivileges();

}  // namespace quarry::daemon
