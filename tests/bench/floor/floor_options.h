#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/floor/canned_replies.h"

namespace quarry::bench {

/// What the floor's command line asked for.
struct FloorOptions {
  ReplyShape shape;
  uint16_t port = 0;
  std::string idle_path;  // of the counter of idle time; empty for none
};

/// Reads the command line. Returns true, or false and the exit code of the process in *exit_code,
/// after having printed the help or what is wrong.
bool ParseFloorOptions(int argc, const char* const* argv, FloorOptions* options, int* exit_code);

}  // namespace quarry::bench
