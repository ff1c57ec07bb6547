#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/options.h"

namespace quarry::daemon {

/// The lines of `stats settings`, with memcached's names and in its order: what options decide
/// comes from their table, what this server does in one way only is fixed.
std::vector<std::pair<std::string, std::string>> SettingsLines(const Options& options);

}  // namespace quarry::daemon
