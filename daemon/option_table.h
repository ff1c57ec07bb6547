#pragma once

#include <cstdint>
#include <vector>

#include "daemon/option_spec.h"

namespace quarry::daemon {

/// More workers than this are allowed, with a warning.
inline constexpr uint32_t kManyWorkers = 64;

/// Every option of the program, in the order of the help text, and then every option that only
/// memcached has. `machine_memory_bytes` is what a percentage is a share of; 0 if unknown.
std::vector<OptionSpec> OptionTable(uint64_t machine_memory_bytes);

}  // namespace quarry::daemon
