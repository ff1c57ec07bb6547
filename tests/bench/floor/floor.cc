// The floor of the benchmarks: serves canned replies on a port until a signal ends it.
//
// Exits with 1 where it cannot serve, and with CLI11's codes where the command line is wrong.

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/bench/floor/floor_server.h"
#include "tests/bench/idle_counter.h"

int main(int argc, char** argv) {
  CLI::App app("Answers a memcached client at the least cost, and keeps nothing.", "floor");
  quarry::bench::ReplyShape shape;
  uint16_t port = 0;
  size_t memory_mb = 0;
  app.add_option("--port", port, "TCP port on 127.0.0.1")->required();
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
  std::string idle_path;
  app.add_option("--idle", idle_path,
                 "spin where there is nothing to do, and count that time in this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
  shape.memory_bytes = memory_mb << 20;
  std::string failure;
  std::unique_ptr<quarry::bench::IdleCounter> idle;
  if (!idle_path.empty()) {
    idle = quarry::bench::IdleCounter::Open(idle_path, &failure);
  }
  quarry::bench::FloorServer server(shape, idle.get());
  if (failure.empty()) {
    failure = server.Listen(port);
  }
  if (failure.empty()) {
    failure = server.Run();
  }
  std::cerr << "floor: " << failure << '\n';
  return 1;
}
