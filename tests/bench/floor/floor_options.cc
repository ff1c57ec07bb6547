#include "tests/bench/floor/floor_options.h"

#include <CLI/CLI.hpp>

namespace quarry::bench {

bool ParseFloorOptions(int argc, const char* const* argv, FloorOptions* options, int* exit_code) {
  CLI::App app("Answers a memcached client at the least cost, and keeps nothing.", "floor");
  ReplyShape& shape = options->shape;
  size_t memory_mb = 0;
  app.add_option("--port", options->port, "TCP port on 127.0.0.1")->required();
  app.add_option("--value-size", shape.value_bytes, "bytes of every value")->capture_default_str();
  app.add_option("--key-length", shape.key_bytes, "bytes of the keys that replies name")
      ->capture_default_str()
      ->check(CLI::Range(1, 250));
  app.add_option("--multiget", shape.keys_per_get, "values in the reply to a classic get")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_option("--memory-mb", memory_mb,
                 "read values into, and send large ones from, so much memory instead of a buffer "
                 "that stays in the processor's cache")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--idle", options->idle_path,
                 "spin where there is nothing to do, and count that time in this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    *exit_code = app.exit(error);
    return false;
  }
  shape.memory_bytes = memory_mb << 20;
  return true;
}

}  // namespace quarry::bench
