#include "tests/bench/hitratio/replay.h"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

/// A trace of given keys, all with values of one size.
class ListedTrace : public Trace {
 public:
  ListedTrace(std::initializer_list<uint64_t> key_numbers, size_t value_bytes)
      : key_numbers_(key_numbers), value_bytes_(value_bytes) {}

  bool Next(TraceRequest* request) override {
    if (next_ == key_numbers_.size()) {
      return false;
    }
    request->key_number = key_numbers_[next_++];
    key_ = "key-" + std::to_string(request->key_number);
    request->key = key_;
    request->value_bytes = value_bytes_;
    return true;
  }
  const std::string& error() const override { return error_; }

  void FailAtTheEnd(std::string_view error) { error_ = error; }

 private:
  const std::vector<uint64_t> key_numbers_;
  const size_t value_bytes_;
  size_t next_ = 0;
  std::string key_;
  std::string error_;
};

TEST_CASE("A key hits once it was missed, in the engine and in an LRU") {
  for (const size_t value_bytes : {0U, 100U, 4096U, 4097U, 900'000U}) {
    CAPTURE(value_bytes);
    ListedTrace trace({1, 2, 1, 1, 3}, value_bytes);
    Tally tally(2);
    const ReplayResult result = ReplayEngine({}, trace, tally);
    REQUIRE(result.failure.empty());
    REQUIRE(result.refused_sets == 0);
    REQUIRE(result.items == 3);
    REQUIRE(tally.total().requests == 5);
    REQUIRE(tally.total().hits == 2);
    REQUIRE(tally.total().hit_bytes == 2 * value_bytes);
    REQUIRE(tally.windows().size() == 3);
    REQUIRE(tally.windows()[1].hits == 2);
    REQUIRE(tally.windows()[2].requests == 1);
  }
  ListedTrace trace({1, 2, 1, 1, 3}, 100);
  Tally tally(10);
  REQUIRE(ReplayLru({.max_items = 2}, trace, tally).items == 2);
  REQUIRE(tally.total().hits == 2);
}

TEST_CASE("An LRU of bytes holds what fits with keys and overhead") {
  // 1 MiB is room for two items of 400 000 bytes and for none above it.
  Tally tally(10);
  ListedTrace large({1, 2, 1, 2, 3, 1, 2}, 400'000);
  REQUIRE(ReplayLru({.memory_mb = 1}, large, tally).items == 2);
  REQUIRE(tally.total().hits == 2);
  ListedTrace too_large({1, 1}, (1 << 20) - 34);  // and a key of 5 bytes
  REQUIRE(ReplayLru({.memory_mb = 1}, too_large, tally).items == 0);
  ListedTrace largest({1, 1}, (1 << 20) - 35);
  REQUIRE(ReplayLru({.memory_mb = 1}, largest, tally).items == 1);
  REQUIRE(tally.total().hits == 3);
}

TEST_CASE("A set that the engine refuses is counted, and what it was refused for") {
  ListedTrace trace({1, 1}, 2 << 20);
  Tally tally(10);
  const ReplayResult result = ReplayEngine({}, trace, tally);
  REQUIRE(result.failure.empty());
  REQUIRE(tally.total().hits == 0);
  REQUIRE(result.refused_sets == 2);
  REQUIRE(result.error_texts == std::map<std::string, uint64_t>{{"too large", 2}});
}

TEST_CASE("The engine's replay of a generated trace is the same each time") {
  TraceOptions options = DefaultTraceOptions(TraceKind::kZipfMixed);
  options.requests = 150'000;
  EngineReplayOptions engine;
  engine.memory_mb = 8;  // which evicts
  std::vector<uint64_t> hits;
  for (int i = 0; i < 2; ++i) {
    Tally tally(1'000'000);
    const auto trace = OpenTrace(options);
    REQUIRE(ReplayEngine(engine, *trace, tally).refused_sets == 0);
    hits.push_back(tally.total().hits);
  }
  REQUIRE(hits[0] == hits[1]);
  REQUIRE(hits[0] > 50'000);
}

TEST_CASE("In plain LRU mode the engine hits as often as a textbook LRU of as many items") {
  TraceOptions options = DefaultTraceOptions(TraceKind::kScan);
  options.key_count = 50'000;
  options.requests = 200'000;
  options.scan_every = 30'000;
  options.scan_keys = 10'000;
  // All items are of one slab class, keys of any length included: with two, each has a list.
  REQUIRE(SetValueSizes("490", &options).empty());
  EngineReplayOptions engine;
  engine.memory_mb = 8;
  engine.flat_lru = true;
  Tally tally(1'000'000);
  Tally textbook_tally(1'000'000);
  const ReplayResult result = ReplayEngine(engine, *OpenTrace(options), tally);
  REQUIRE(result.items < options.key_count / 2);
  ReplayLru({.max_items = result.items}, *OpenTrace(options), textbook_tally);
  const double difference = tally.total().Ratio() - textbook_tally.total().Ratio();
  REQUIRE(difference == Approx(0).margin(0.005));
}

TEST_CASE("What is wrong with the trace or the options ends the replay") {
  ListedTrace trace({}, 100);
  trace.FailAtTheEnd("file:1: bad");
  Tally tally(10);
  REQUIRE(ReplayLru({.max_items = 1}, trace, tally).failure == "file:1: bad");
  REQUIRE(ReplayEngine({}, trace, tally).failure == "file:1: bad");
  EngineReplayOptions engine;
  engine.shard_count = 3;
  REQUIRE(ReplayEngine(engine, trace, tally).failure ==
          "the shard count must be a power of two up to 64");
}

TEST_CASE("Hits are counted by phase, and a ratio of nothing is 0") {
  Tally tally(10);
  REQUIRE(tally.total().Ratio() == 0);
  tally.Record(0, 10, false);
  tally.Record(2, 30, true);
  REQUIRE(tally.phases().size() == 3);
  REQUIRE(tally.phases()[1].requests == 0);
  REQUIRE(tally.phases()[2].Ratio() == 1);
  REQUIRE(tally.total().Ratio() == 0.5);
  REQUIRE(tally.total().ByteRatio() == 0.75);
}

}  // namespace
}  // namespace quarry::bench
