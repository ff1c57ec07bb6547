#include "tests/bench/engine/growth_options.h"

#include <CLI/CLI.hpp>

#include "core/operations.h"

namespace quarry::bench {

bool ParseGrowthOptions(int argc, const char* const* argv, GrowthOptions* options, int* exit_code) {
  CLI::App app("Measures every insert while the index grows.", "index_growth");
  app.add_option("--inserts", options->insert_count)
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000}));
  app.add_option("--value-size", options->value_bytes, "bytes")
      ->capture_default_str()
      ->check(CLI::Range(size_t{0}, core::kMaxSmallValueBytes));
  app.add_option("--memory-mb", options->memory_mb)
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{8}, uint64_t{131'071}));
  app.add_option("--shards", options->shard_count,
                 "a power of two up to 64; 0 for as many as the engine chooses")
      ->capture_default_str()
      ->check(CLI::Range(0U, 64U));
  app.add_option("--runs", options->run_count, "how often all inserts are measured")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{100}));
  app.add_option("--counted-every", options->counted_every,
                 "inserts from one reading of the counters to the next")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    *exit_code = app.exit(error);
    return false;
  }
  return true;
}

}  // namespace quarry::bench
