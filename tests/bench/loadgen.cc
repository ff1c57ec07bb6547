// The load generator: fills a server, drives it, and reports what came back and how fast.
//
// Exits with 0, with 1 where a run was given up or a value came back wrong, and with CLI11's codes
// where the command line is wrong.

#include <csignal>
#include <iostream>
#include <string>

#include "tests/bench/driver.h"
#include "tests/bench/key_pattern.h"
#include "tests/bench/options.h"
#include "tests/bench/preload.h"
#include "tests/bench/report.h"
#include "tests/bench/request_writer.h"

namespace quarry::bench {
namespace {

bool IsGood(const RunResult& result) {
  return result.failure.empty() && result.errors.wrong_values == 0;
}

RunResult RunLoad(const Options& options, const RequestWriter& writer) {
  KeyPattern pattern(options.keys);
  Driver driver(options, writer, &pattern);
  RunResult result;
  result.failure = driver.Open();
  if (!result.failure.empty()) {
    result.counters = std::make_unique<Counters>();
    return result;
  }
  RunLimits limits;
  limits.requests = options.requests;
  limits.seconds = options.seconds;
  limits.warmup_seconds = options.warmup_seconds;
  limits.requests_per_second = options.requests_per_second;
  return driver.Run(limits);
}

/// Runs what the options ask for and prints it: text, or an object with a member for each part.
bool RunAll(const Options& options) {
  const RequestWriter writer(options);
  const bool wants_preload = options.preload != Preload::kNone;
  const bool wants_load = options.requests > 0 || options.seconds > 0;
  bool good = true;
  std::string json;
  const auto report = [&](const std::string& name, const RunResult& result) {
    good = IsGood(result);
    if (options.json) {
      json += (json.empty() ? "{\"" : ", \"") + name + "\": " + JsonReport(result);
    } else {
      std::cout << TextReport(name, result) << std::flush;
    }
  };
  if (wants_preload) {
    report("preload", RunPreload(options, writer));
  }
  if (wants_load && good) {
    report("load", RunLoad(options, writer));
  }
  if (options.json) {
    std::cout << (json.empty() ? "{" : json) << "}\n";
  }
  return good;
}

}  // namespace
}  // namespace quarry::bench

int main(int argc, char** argv) {
  quarry::bench::Options options;
  int exit_code = 0;
  if (!quarry::bench::ParseOptions(argc, argv, &options, &exit_code)) {
    return exit_code;
  }
  // OpenSSL writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  return quarry::bench::RunAll(options) ? 0 : 1;
}
