#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/bench/options.h"

namespace quarry::bench {

/// Asks the server for one of its general statistics over a connection of its own; waits for the
/// answer. Nothing, with the reason in *error, where the server does not answer or has no such
/// number.
std::optional<uint64_t> ReadStat(const ServerAddress& server, std::string_view name,
                                 std::string* error);

}  // namespace quarry::bench
