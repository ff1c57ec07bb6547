#pragma once

#include <cstdint>

namespace quarry::bench {

/// What the command line of lock_holds asked for. ParseHoldOptions has checked every range; what
/// the engine then says of memory and shards together is the engine's.
struct HoldOptions {
  uint64_t memory_mb = 128;
  uint32_t shard_count = 0;  // 0: as many as the engine chooses
  uint64_t run_count = 3;    // of everything, each on engines of its own
};

/// Reads the command line. Returns true, or false and the exit code of the process in *exit_code,
/// after having printed the help or what is wrong.
bool ParseHoldOptions(int argc, const char* const* argv, HoldOptions* options, int* exit_code);

}  // namespace quarry::bench
