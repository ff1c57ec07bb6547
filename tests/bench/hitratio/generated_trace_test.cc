#include "tests/bench/hitratio/generated_trace.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

struct Seen {
  std::string key;
  uint64_t key_number = 0;
  size_t value_bytes = 0;
  size_t phase = 0;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> RequestsOf(const TraceOptions& options) {
  std::vector<Seen> requests;
  GeneratedTrace trace(options);
  TraceRequest request;
  while (trace.Next(&request)) {
    requests.push_back(
        {std::string(request.key), request.key_number, request.value_bytes, request.phase});
  }
  REQUIRE(trace.error().empty());
  return requests;
}

/// The defaults of a kind on a scale that a test can look at as a whole.
TraceOptions Small(TraceKind kind) {
  TraceOptions options = DefaultTraceOptions(kind);
  options.key_count = 2'000;
  options.requests = 60'000;
  options.scan_every = 5'000;
  options.scan_keys = 700;
  options.shift_every = 100;
  options.shift_keys = 2;
  return options;
}

std::vector<TraceKind> GeneratedKinds() {
  std::vector<TraceKind> kinds;
  for (const TraceDefaults& defaults : TraceCatalog()) {
    if (defaults.kind != TraceKind::kFile) {
      kinds.push_back(defaults.kind);
    }
  }
  return kinds;
}

std::map<uint64_t, uint64_t> CountByKey(const std::vector<Seen>& requests) {
  std::map<uint64_t, uint64_t> counts;
  for (const Seen& request : requests) {
    ++counts[request.key_number];
  }
  return counts;
}

/// What the key of this rank may expect of so many draws.
double ExpectedCount(uint64_t rank, const TraceOptions& options, double draws) {
  double weights = 0;
  for (uint64_t other = 1; other <= options.key_count; ++other) {
    weights += std::pow(static_cast<double>(other), -options.alpha);
  }
  return draws * std::pow(static_cast<double>(rank), -options.alpha) / weights;
}

bool IsNear(uint64_t count, double expected) {
  return std::abs(static_cast<double>(count) - expected) < 5 * std::sqrt(expected) + 1;
}

TEST_CASE("A trace is the same each time, and another with another seed") {
  for (const TraceKind kind : GeneratedKinds()) {
    CAPTURE(DefaultsOf(kind).name);
    TraceOptions options = Small(kind);
    const std::vector<Seen> first = RequestsOf(options);
    REQUIRE(first.size() == options.requests);
    REQUIRE(RequestsOf(options) == first);
    options.seed = 2;
    REQUIRE(RequestsOf(options) != first);
  }
}

TEST_CASE("Key, value size and phase are functions of the key number, and keys fit memcached") {
  for (const TraceKind kind : GeneratedKinds()) {
    CAPTURE(DefaultsOf(kind).name);
    std::map<uint64_t, Seen> by_number;
    std::set<std::string> keys;
    for (const Seen& request : RequestsOf(Small(kind))) {
      const auto [known, added] = by_number.emplace(request.key_number, request);
      REQUIRE(known->second == request);
      if (added) {
        REQUIRE(keys.insert(request.key).second);
        REQUIRE(request.key.size() >= 20);
        REQUIRE(request.key.size() <= 40);
      }
    }
  }
}

TEST_CASE("The popular keys of zipf come as often as their ranks say") {
  const TraceOptions options = Small(TraceKind::kZipf);
  std::vector<uint64_t> counts;
  for (const auto& [key_number, count] : CountByKey(RequestsOf(options))) {
    REQUIRE(key_number < options.key_count);
    counts.push_back(count);
  }
  std::sort(counts.rbegin(), counts.rend());
  for (const uint64_t rank : {1U, 2U, 3U, 10U}) {
    CAPTURE(rank);
    REQUIRE(IsNear(counts[rank - 1],
                   ExpectedCount(rank, options, static_cast<double>(options.requests))));
  }
}

TEST_CASE("zipf-mixed has the median and the spread that its name promises") {
  TraceOptions options = Small(TraceKind::kZipfMixed);
  options.key_count = 100'000;
  options.requests = 200'000;
  std::map<uint64_t, size_t> size_by_key;
  for (const Seen& request : RequestsOf(options)) {
    size_by_key[request.key_number] = request.value_bytes;
  }
  const auto share_up_to = [&](double bytes) {
    const auto count = std::count_if(
        size_by_key.begin(), size_by_key.end(),
        [&](const auto& entry) { return static_cast<double>(entry.second) <= bytes; });
    return static_cast<double>(count) / static_cast<double>(size_by_key.size());
  };
  REQUIRE(share_up_to(230) == Approx(0.5).margin(0.02));
  REQUIRE(share_up_to(230 * std::exp(1.3)) == Approx(0.841).margin(0.02));
  REQUIRE(share_up_to(230 * std::exp(-1.3)) == Approx(0.159).margin(0.02));
}

TEST_CASE("A scan asks for consecutive keys once each, and the next one goes on behind it") {
  const TraceOptions options = Small(TraceKind::kScan);
  const std::vector<Seen> requests = RequestsOf(options);
  const uint64_t round = options.scan_every + options.scan_keys;
  uint64_t expected = 0;
  for (uint64_t i = 0; i < requests.size(); ++i) {
    if (i % round >= options.scan_every) {
      REQUIRE(requests[i].key_number == expected);
      expected = (expected + 1) % options.key_count;
    }
  }
  REQUIRE(expected > 0);
}

TEST_CASE("The most popular key of shift moves on by the keys of each move") {
  TraceOptions options = Small(TraceKind::kShift);
  options.shift_every = 10'000;
  options.shift_keys = 300;
  const std::vector<Seen> requests = RequestsOf(options);
  for (uint64_t move = 0; move < options.requests / options.shift_every; ++move) {
    CAPTURE(move);
    const auto begin = requests.begin() + static_cast<std::ptrdiff_t>(move * options.shift_every);
    const auto counts =
        CountByKey({begin, begin + static_cast<std::ptrdiff_t>(options.shift_every)});
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
    REQUIRE(most->first == move * options.shift_keys % options.key_count);
    REQUIRE(
        IsNear(most->second, ExpectedCount(1, options, static_cast<double>(options.shift_every))));
  }
}

TEST_CASE("The share of one-hit asks for keys that never come again") {
  TraceOptions options = Small(TraceKind::kOneHit);
  options.one_hit_share = 0.3;
  uint64_t single_requests = 0;
  for (const auto& [key_number, count] : CountByKey(RequestsOf(options))) {
    if (key_number >= options.key_count) {
      REQUIRE(count == 1);
      ++single_requests;
    }
  }
  REQUIRE(IsNear(single_requests, 0.3 * static_cast<double>(options.requests)));
}

TEST_CASE("size-shift goes through equal phases with keys and sizes of their own") {
  const TraceOptions options = Small(TraceKind::kSizeShift);
  const std::vector<Seen> requests = RequestsOf(options);
  const std::vector<std::pair<size_t, size_t>> sizes = {
      {100, 100}, {1000, 1000}, {300, 3000}, {60, 60}};
  const uint64_t phase_requests = options.requests / sizes.size();
  std::set<size_t> sizes_of_third;
  for (uint64_t i = 0; i < requests.size(); ++i) {
    const Seen& request = requests[i];
    REQUIRE(request.phase == i / phase_requests);
    REQUIRE(request.key_number / options.key_count == request.phase);
    REQUIRE(request.value_bytes >= sizes[request.phase].first);
    REQUIRE(request.value_bytes <= sizes[request.phase].second);
    if (request.phase == 2) {
      sizes_of_third.insert(request.value_bytes);
    }
  }
  REQUIRE(sizes_of_third.size() > 500);
}

TEST_CASE("Value sizes of phases are read, or nothing is changed and the fault is told") {
  TraceOptions options = DefaultTraceOptions(TraceKind::kSizeShift);
  REQUIRE(options.phase_sizes.size() == 4);
  for (const std::string_view text : {"", "100,", ",100", "100,,5", "100 ,5", "9:5", "x"}) {
    CAPTURE(text);
    REQUIRE_FALSE(SetValueSizes(text, &options).empty());
    REQUIRE(options.phase_sizes.size() == 4);
  }
  REQUIRE(SetValueSizes("7,1:9", &options).empty());
  REQUIRE(options.phase_sizes.size() == 2);
  REQUIRE(options.value_sizes == "7,1:9");
}

}  // namespace
}  // namespace quarry::bench
