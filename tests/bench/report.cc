#include "tests/bench/report.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iomanip>
#include <sstream>
#include <string_view>

#include "tests/bench/json.h"

namespace quarry::bench {
namespace {

constexpr double kNsPerUs = 1e3;

struct NamedPercentile {
  std::string_view name;
  double fraction;
};

constexpr std::array kPercentiles = {NamedPercentile{"p50", 0.5}, NamedPercentile{"p90", 0.9},
                                     NamedPercentile{"p99", 0.99}, NamedPercentile{"p99.9", 0.999},
                                     NamedPercentile{"max", 1.0}};

double Quotient(double dividend, double divisor) {
  return divisor > 0 ? dividend / divisor : 0;
}

double RequestRate(const RunResult& result) {
  return Quotient(static_cast<double>(result.counters->requests), result.seconds);
}

double HitRatio(const Counters& counters) {
  return Quotient(static_cast<double>(counters.hits), static_cast<double>(counters.keys_asked));
}

/// Without what the server spun away. The two clocks may be read a moment apart.
double CpuUsPerRequest(const RunResult& result) {
  const uint64_t idle_ns = std::min(result.server_idle_ns, result.server_cpu_ns);
  return Quotient(static_cast<double>(result.server_cpu_ns - idle_ns) / kNsPerUs,
                  static_cast<double>(result.counters->requests));
}

double BusyShare(const RunResult& result) {
  return Quotient(static_cast<double>(result.server_cpu_ns), result.seconds * 1e9);
}

double PercentileUs(const Counters& counters, double fraction) {
  return static_cast<double>(counters.latencies_ns.Percentile(fraction)) / kNsPerUs;
}

std::string JsonErrors(const ErrorCounts& errors) {
  JsonObject texts;
  for (const auto& [text, count] : errors.texts) {
    texts.Add(text, count);
  }
  return JsonObject()
      .Add("total", errors.Total())
      .Add("error_lines", errors.error_lines)
      .Add("unknown_lines", errors.unknown_lines)
      .Add("wrong_values", errors.wrong_values)
      .Add("disconnections", errors.disconnections)
      .Add("texts", texts.Finish())
      .Finish();
}

}  // namespace

std::string TextReport(const std::string& title, const RunResult& result) {
  const Counters& counters = *result.counters;
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  out << title << ": " << counters.requests << " requests in " << result.seconds << " s, "
      << RequestRate(result) << " a second\n";
  out << "  latency us:";
  for (const NamedPercentile& percentile : kPercentiles) {
    out << ' ' << percentile.name << ' ' << PercentileUs(counters, percentile.fraction);
  }
  out << "\n  keys asked " << counters.keys_asked << ", hits " << counters.hits << ", hit ratio "
      << std::setprecision(4) << HitRatio(counters) << std::setprecision(2);
  out << "\n  sets " << counters.sets << ", stored " << counters.stored << ", not stored "
      << counters.not_stored;
  out << "\n  bytes sent " << counters.sent_bytes << ", received " << counters.received_bytes;
  if (result.server_cpu_ns > 0) {
    out << "\n  server CPU us a request " << CpuUsPerRequest(result) << ", busy "
        << BusyShare(result);
  }
  out << "\n  errors " << result.errors.Total() << '\n';
  for (const auto& [text, count] : result.errors.texts) {
    out << "    " << count << " x " << text << '\n';
  }
  if (!result.failure.empty()) {
    out << "  given up: " << result.failure << '\n';
  }
  return out.str();
}

std::string JsonReport(const RunResult& result) {
  const Counters& counters = *result.counters;
  JsonObject latencies;
  for (const NamedPercentile& percentile : kPercentiles) {
    latencies.Add(percentile.name, PercentileUs(counters, percentile.fraction));
  }
  return JsonObject()
      .Add("requests", counters.requests)
      .Add("seconds", result.seconds)
      .Add("requests_per_second", RequestRate(result))
      .Add("latency_us", latencies.Finish())
      .Add("keys_asked", counters.keys_asked)
      .Add("hits", counters.hits)
      .Add("hit_ratio", HitRatio(counters))
      .Add("hit_key_bytes", counters.hit_key_bytes)
      .Add("hit_value_bytes", counters.hit_value_bytes)
      .Add("sets", counters.sets)
      .Add("stored", counters.stored)
      .Add("not_stored", counters.not_stored)
      .Add("sent_bytes", counters.sent_bytes)
      .Add("received_bytes", counters.received_bytes)
      .Add("server_cpu_ns", result.server_cpu_ns)
      .Add("server_idle_ns", result.server_idle_ns)
      .Add("server_cpu_us_per_request", CpuUsPerRequest(result))
      .Add("server_busy", BusyShare(result))
      .Add("errors", JsonErrors(result.errors))
      .Add("failure", JsonQuoted(result.failure))
      .Finish();
}

}  // namespace quarry::bench
