#pragma once

#include <string>

#include "tests/bench/driver.h"

namespace quarry::bench {

/// One run as text for people, some lines under the given title.
std::string TextReport(const std::string& title, const RunResult& result);

/// One run as a JSON object. Times are in seconds, latencies in microseconds.
std::string JsonReport(const RunResult& result);

}  // namespace quarry::bench
