#pragma once

#include <cstddef>
#include <vector>

namespace quarry::bench {

/// `bytes` of memory that have been touched, in huge pages as far as the system gives them: values
/// are copied to and from such at the least cost.
std::vector<char> MemoryInHugePages(size_t bytes);

}  // namespace quarry::bench
