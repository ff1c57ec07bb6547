#pragma once

#include "daemon/option_spec.h"

namespace quarry::daemon {

// The options that say who may use the server.

OptionSpec AuthFileOption();  ///< -Y

}  // namespace quarry::daemon
