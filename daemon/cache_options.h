#pragma once

#include <cstdint>

#include "daemon/option_spec.h"

namespace quarry::daemon {

// The options that shape the cache.

/// The range of -m. It ends at the last whole gigabyte that the engine can address: with 128g there
/// would be no handle left to mean none.
inline constexpr uint64_t kMinMemoryBytes = 8 * kMebibyte;
inline constexpr uint64_t kMaxMemoryBytes = 127 * kGibibyte;

/// The range of -I.
inline constexpr uint64_t kMinItemLimitBytes = kMebibyte;
inline constexpr uint64_t kMaxItemLimitBytes = 50 * kMebibyte;

/// -m; `machine_memory_bytes` is what a percentage is a share of; 0 if unknown.
OptionSpec MemoryOption(uint64_t machine_memory_bytes);
OptionSpec ItemLimitOption();     ///< -I
OptionSpec GrowthFactorOption();  ///< -f

}  // namespace quarry::daemon
