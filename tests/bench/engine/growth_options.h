#pragma once

#include <cstddef>
#include <cstdint>

namespace quarry::bench {

/// What the command line of index_growth asked for. ParseGrowthOptions has checked every range;
/// what the engine then says of memory and shards together is the engine's.
struct GrowthOptions {
  uint64_t insert_count = 12'000'000;
  size_t value_bytes = 10;
  uint64_t memory_mb = 4096;
  uint32_t shard_count = 0;      // 0: as many as the engine chooses
  uint64_t run_count = 3;        // of the measured inserts, each into an engine of its own
  uint64_t counted_every = 251;  // a prime: in step with no period of the inserts
};

/// Reads the command line. Returns true, or false and the exit code of the process in *exit_code,
/// after having printed the help or what is wrong.
bool ParseGrowthOptions(int argc, const char* const* argv, GrowthOptions* options, int* exit_code);

}  // namespace quarry::bench
