#pragma once

#include <cstdint>
#include <string>

namespace quarry::daemon {

/// The memory that this process may count on, in bytes: the machine's, or the limit of its cgroup
/// or of one around it (versions 1 and 2), whichever is smallest. 0 if /proc tells nothing.
///
/// `root` is put before every path that is read; it is empty but for tests.
uint64_t MachineMemoryBytes(const std::string& root = "");

}  // namespace quarry::daemon
