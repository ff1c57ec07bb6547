#include "tests/bench/engine/hold_options.h"

#include <CLI/CLI.hpp>

namespace quarry::bench {

bool ParseHoldOptions(int argc, const char* const* argv, HoldOptions* options, int* exit_code) {
  CLI::App app("Measures every hold of the engine's locks.", "lock_holds");
  app.add_option("--memory-mb", options->memory_mb)
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{100}, uint64_t{131'071}));
  app.add_option("--shards", options->shard_count,
                 "a power of two up to 64; 0 for as many as the engine chooses")
      ->capture_default_str()
      ->check(CLI::Range(0U, 64U));
  app.add_option("--runs", options->run_count, "how often everything is measured")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{100}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    *exit_code = app.exit(error);
    return false;
  }
  return true;
}

}  // namespace quarry::bench
