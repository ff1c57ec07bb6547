#pragma once

#include <string>
#include <vector>

#include "core/engine.h"
#include "daemon/command/server_status.h"
#include "daemon/option_spec.h"

namespace quarry::daemon {

// What -o sets at start, and commands can set later on: `slabs automove`, `lru` and `lru_crawler`.

/// The sub-options: one row each.
std::vector<OptionSpec> TuningSubOptions();

/// Why they cannot go together; empty if they can.
std::string TuningContradiction(const Options& options);

/// Sets what the commands would set. Before the first worker starts.
void SetTuning(const Options& options, core::Engine& engine, command::ServerContext& context);

}  // namespace quarry::daemon
