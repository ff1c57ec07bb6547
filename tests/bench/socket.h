#pragma once

#include <string>

#include "tests/bench/options.h"

namespace quarry::bench {

/// Connects to the server and returns a non-blocking socket without Nagle's delay, or -1 with the
/// reason in *error.
int Connect(const ServerAddress& server, std::string* error);

}  // namespace quarry::bench
