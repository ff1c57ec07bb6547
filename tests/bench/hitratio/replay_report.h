#pragma once

#include <string>

#include "tests/bench/hitratio/replay.h"
#include "tests/bench/hitratio/replay_options.h"
#include "tests/bench/hitratio/tally.h"

namespace quarry::bench {

/// What was replayed, what hit in all, by phase and by window, and what went wrong.
std::string ReplayText(const ReplayOptions& options, const ReplayResult& result,
                       const Tally& tally);

/// The same as a JSON object, without line ends.
std::string ReplayJson(const ReplayOptions& options, const ReplayResult& result,
                       const Tally& tally);

}  // namespace quarry::bench
