#pragma once

#include <vector>

#include "daemon/option_spec.h"

namespace quarry::daemon {

/// -o: a list of sub-options parted by commas, each a name or name=value. May be given again.
OptionSpec ExtendedOption();

/// The sub-options of -o: one row each, as in the table of options, without a letter.
std::vector<OptionSpec> SubOptionTable();

}  // namespace quarry::daemon
