#pragma once

#include <cstddef>

namespace quarry {

/// What processors move between each other at a time, on x86-64 and on most arm64.
inline constexpr size_t kCacheLineBytes = 64;

}  // namespace quarry
