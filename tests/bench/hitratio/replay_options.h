#pragma once

#include <cstdint>

#include "tests/bench/hitratio/replay.h"
#include "tests/bench/hitratio/trace_options.h"

namespace quarry::bench {

enum class ReplayTarget {
  kEngine,
  kServer,
  kLru
};

/// What the command line of hitratio asked for. ParseReplayOptions has checked every range.
struct ReplayOptions {
  TraceOptions trace;
  ReplayTarget target = ReplayTarget::kEngine;
  EngineReplayOptions engine;
  ServerReplayOptions server;
  LruReplayOptions lru;
  uint64_t window_requests = 250'000;
  bool json = false;
};

/// Reads the command line. Returns true, or false and the exit code of the process in *exit_code,
/// after having printed the help or what is wrong.
bool ParseReplayOptions(int argc, const char* const* argv, ReplayOptions* options, int* exit_code);

}  // namespace quarry::bench
