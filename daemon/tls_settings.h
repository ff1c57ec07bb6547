#pragma once

#include <string>
#include <vector>

#include "daemon/option_spec.h"

namespace quarry::daemon {

/// -Z: listeners speak TLS unless -l says otherwise.
OptionSpec TlsOption();

/// The sub-options of -o that say how TLS is spoken.
std::vector<OptionSpec> TlsSubOptions();

/// What keeps the TLS options from going together with each other and with -l; empty when they do.
std::string TlsContradiction(const Options& options);

}  // namespace quarry::daemon
