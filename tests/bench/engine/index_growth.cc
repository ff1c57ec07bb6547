// How long the inserts take by which the index grows from nothing to many million items: the thread
// CPU time of each, with those told apart in which the system gave memory (page faults). Then the
// same inserts into a second engine, whose counters are read around some of them: how much an
// insert does beside storing its item. Prints two Markdown tables.
//
// Exits with 0, with 1 where there is no engine or an insert was refused, and with CLI11's codes
// where the command line is wrong.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "core/engine.h"
#include "tests/bench/engine/fresh_memory.h"
#include "tests/bench/engine/growth_options.h"
#include "tests/bench/engine/numbered_key.h"
#include "tests/bench/engine/step_times.h"

namespace quarry::bench {
namespace {

constexpr Instant kNow{100, 100};
constexpr double kNsPerUs = 1e3;
constexpr double kBytesPerMib = 1 << 20;
/// First touches of memory that no engine has to do with.
constexpr uint64_t kControlFaults = 256;

/// An engine, and the items that are put into it one after the other.
class Growth {
 public:
  explicit Growth(const GrowthOptions& options) : value_(options.value_bytes, 'v') {
    core::EngineOptions engine_options;
    engine_options.memory_bytes = options.memory_mb << 20;
    engine_options.shard_count = options.shard_count;
    engine_options.hash_seed = 1;  // so that every run does the same
    auto created = core::Engine::Create(engine_options);
    if (created.ok()) {
      engine_ = *std::move(created);
    } else {
      failure_ = std::string(created.status().message());
    }
  }

  /// Why there is no engine, in which case nothing else may be called, or that it refused an
  /// insert; an empty text where all is well.
  const std::string& failure() const { return failure_; }

  void Insert(uint64_t number) {
    const core::Key key = engine_->MakeKey(key_.Of(number));
    const auto result = engine_->Store(key, {}, value_, kNow);
    if (result.outcome != core::StoreOutcome::kStored) {
      failure_ = "the engine refused an insert";
    }
  }

  core::EngineStats Stats() const { return engine_->Stats(kNow); }

 private:
  const std::string value_;
  NumberedKey key_;
  std::unique_ptr<core::Engine> engine_;
  std::string failure_;
};

/// Says why a growth is no measurement. False, for its caller to return.
bool Fail(const Growth& growth) {
  std::cerr << "index_growth: " << growth.failure() << '\n';
  return false;
}

/// How often something happened: in all inserts, in those that were looked at, in one of these.
struct Count {
  uint64_t total = 0;
  uint64_t seen = 0;
  uint64_t most_at_once = 0;

  void See(uint64_t before, uint64_t after) {
    seen += after - before;
    most_at_once = std::max(most_at_once, after - before);
  }
};

/// What the engine's counters say of the work beside storing the item.
struct Work {
  Count splits;
  Count pages;
  Count evictions;
  uint64_t looks = 0;
};

uint64_t PagesUsed(const core::EngineStats& stats) {
  return stats.pages_total - stats.pages_free;
}

Work CountWork(const GrowthOptions& options, Growth& growth) {
  Work work;
  const core::EngineStats first = growth.Stats();
  for (uint64_t number = 0; number < options.insert_count; ++number) {
    if (number % options.counted_every != 0) {
      growth.Insert(number);
      continue;
    }
    const core::EngineStats before = growth.Stats();
    growth.Insert(number);
    const core::EngineStats after = growth.Stats();
    work.splits.See(before.index_buckets, after.index_buckets);
    work.pages.See(PagesUsed(before), PagesUsed(after));
    work.evictions.See(before.class_totals.evicted, after.class_totals.evicted);
    ++work.looks;
  }
  const core::EngineStats last = growth.Stats();
  work.splits.total = last.index_buckets - first.index_buckets;
  work.pages.total = PagesUsed(last) - PagesUsed(first);
  work.evictions.total = last.class_totals.evicted - first.class_totals.evicted;
  return work;
}

void PrintTimes(std::string_view name, const StepTimes& times) {
  std::cout << "| " << name << " | " << times.ns.Total();
  for (const double fraction : {0.5, 0.99, 0.9999, 1.0}) {
    std::cout << " | " << static_cast<double>(times.ns.Percentile(fraction)) / kNsPerUs;
  }
  std::cout << " | " << times.long_count << " | " << times.too_long_count << " |\n";
}

void PrintTimeTable(const MeasuredSteps& inserts, uint64_t insert_count) {
  MeasuredSteps nothing;
  MeasureSteps(
      insert_count, [](uint64_t /*number*/) {}, &nothing);
  FreshMemory memory(kControlFaults);
  MeasuredSteps touches;
  MeasureSteps(
      kControlFaults, [&memory](uint64_t number) { memory.Touch(number); }, &touches);
  std::cout << "| thread CPU time in µs | calls | p50 | p99 | p99.99 | maximum | above 100 µs |"
               " above 1 ms |\n"
               "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  PrintTimes("inserts without a page fault", inserts.without_fault);
  PrintTimes("the same, of each insert its least time", *inserts.Least());
  PrintTimes("inserts with page faults", inserts.with_fault);
  PrintTimes("no engine: first touches of fresh memory", touches.with_fault);
  PrintTimes("no engine: nothing at all, measured in the same way", nothing.without_fault);
}

void PrintCount(std::string_view name, const Count& count, uint64_t looks) {
  std::cout << "| " << name << " | " << count.total << " | " << looks << " | " << count.seen
            << " | " << count.most_at_once << " |\n";
}

void PrintWorkTable(const Work& work) {
  std::cout << "| work beside storing the item | in all inserts | inserts looked at | in these |"
               " most in one |\n"
               "| --- | ---: | ---: | ---: | ---: |\n";
  PrintCount("index buckets added, each by one split", work.splits, work.looks);
  PrintCount("pages taken", work.pages, work.looks);
  PrintCount("items evicted", work.evictions, work.looks);
}

void PrintSize(const GrowthOptions& options, const core::EngineStats& stats, uint64_t faults) {
  std::cout << options.insert_count << " items with values of " << options.value_bytes << " bytes, "
            << stats.shard_count << " shards, " << stats.items << " items kept; index "
            << static_cast<double>(stats.index_bytes) / kBytesPerMib << " MiB, "
            << static_cast<double>(stats.index_bytes) / static_cast<double>(stats.items)
            << " bytes an item. " << options.run_count << " runs, " << faults
            << " page faults.\n\n";
}

/// False where there is no engine or it refused an insert, which is said on the error stream.
bool MeasureGrowth(const GrowthOptions& options) {
  MeasuredSteps inserts;
  core::EngineStats stats;
  for (uint64_t run = 0; run < options.run_count; ++run) {
    Growth growth(options);
    if (!growth.failure().empty()) {
      return Fail(growth);
    }
    MeasureSteps(
        options.insert_count, [&growth](uint64_t number) { growth.Insert(number); }, &inserts);
    if (!growth.failure().empty()) {
      return Fail(growth);
    }
    stats = growth.Stats();
  }
  PrintSize(options, stats, inserts.fault_count);
  PrintTimeTable(inserts, options.insert_count);
  Growth counted(options);
  if (!counted.failure().empty()) {
    return Fail(counted);
  }
  const Work work = CountWork(options, counted);
  std::cout << '\n';
  PrintWorkTable(work);
  return counted.failure().empty() || Fail(counted);
}

}  // namespace
}  // namespace quarry::bench

int main(int argc, char** argv) {
  quarry::bench::GrowthOptions options;
  int exit_code = 0;
  if (!quarry::bench::ParseGrowthOptions(argc, argv, &options, &exit_code)) {
    return exit_code;
  }
  std::cout << std::fixed << std::setprecision(1);
  return quarry::bench::MeasureGrowth(options) ? 0 : 1;
}
