#pragma once

#include "tests/bench/driver.h"
#include "tests/bench/options.h"
#include "tests/bench/request_writer.h"

namespace quarry::bench {

/// Fills the server as options.preload asks, with pipelined sets over a few connections of its
/// own. The result's counters cover all of it. A fill until eviction that runs out of keys failed.
RunResult RunPreload(const Options& options, const RequestWriter& writer);

}  // namespace quarry::bench
