// Replays a trace against the storage engine, a running server or a textbook LRU, and prints how
// many of its requests hit.
//
// Exits with 0, with 1 where the replay was given up, and with CLI11's codes where the command line
// is wrong.

#include <chrono>
#include <iostream>
#include <memory>

#include "tests/bench/hitratio/replay.h"
#include "tests/bench/hitratio/replay_options.h"
#include "tests/bench/hitratio/replay_report.h"
#include "tests/bench/hitratio/tally.h"
#include "tests/bench/hitratio/trace.h"

namespace quarry::bench {
namespace {

ReplayResult Replay(const ReplayOptions& options, Trace& trace, Tally& tally) {
  switch (options.target) {
    case ReplayTarget::kServer:
      return ReplayServer(options.server, trace, tally);
    case ReplayTarget::kLru:
      return ReplayLru(options.lru, trace, tally);
    case ReplayTarget::kEngine:
      break;
  }
  return ReplayEngine(options.engine, trace, tally);
}

bool ReplayAndReport(const ReplayOptions& options) {
  const std::unique_ptr<Trace> trace = OpenTrace(options.trace);
  Tally tally(options.window_requests);
  const auto start = std::chrono::steady_clock::now();
  ReplayResult result = Replay(options, *trace, tally);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!result.failure.empty()) {
    std::cerr << "hitratio: " << result.failure << '\n';
    return false;
  }
  if (options.json) {
    std::cout << ReplayJson(options, result, tally) << '\n';
  } else {
    std::cout << ReplayText(options, result, tally);
  }
  return true;
}

}  // namespace
}  // namespace quarry::bench

int main(int argc, char** argv) {
  quarry::bench::ReplayOptions options;
  int exit_code = 0;
  if (!quarry::bench::ParseReplayOptions(argc, argv, &options, &exit_code)) {
    return exit_code;
  }
  return quarry::bench::ReplayAndReport(options) ? 0 : 1;
}
