// The floor of the benchmarks: serves canned replies on a port until a signal ends it.
//
// Exits with 1 where it cannot serve, and with CLI11's codes where the command line is wrong.

#include <iostream>
#include <memory>
#include <string>

#include "tests/bench/floor/floor_options.h"
#include "tests/bench/floor/floor_server.h"
#include "tests/bench/idle_counter.h"

namespace quarry::bench {
namespace {

/// Serves for as long as that works; returns why it does not.
std::string Serve(const FloorOptions& options) {
  std::string failure;
  std::unique_ptr<IdleCounter> idle;
  if (!options.idle_path.empty()) {
    idle = IdleCounter::Open(options.idle_path, &failure);
  }
  FloorServer server(options.shape, idle.get());
  if (failure.empty()) {
    failure = server.Listen(options.port);
  }
  return failure.empty() ? server.Run() : failure;
}

}  // namespace
}  // namespace quarry::bench

int main(int argc, char** argv) {
  quarry::bench::FloorOptions options;
  int exit_code = 1;
  if (quarry::bench::ParseFloorOptions(argc, argv, &options, &exit_code)) {
    std::cerr << "floor: " << quarry::bench::Serve(options) << '\n';
  }
  return exit_code;
}
