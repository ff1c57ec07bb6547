#pragma once

#include <string>
#include <vector>

#include "daemon/option_spec.h"

namespace quarry::daemon {

// What memcached has and there is nothing here that it could set: hints, which are taken so that
// its command lines are, and whose values are checked as there.

/// -k, -L and -N.
std::vector<OptionSpec> NoEffectOptions();

/// The sub-options of -o: one row each.
std::vector<OptionSpec> NoEffectSubOptions();

/// Why they cannot go with others; empty if they can.
std::string NoEffectContradiction(const Options& options);

}  // namespace quarry::daemon
