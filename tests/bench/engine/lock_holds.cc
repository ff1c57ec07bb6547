// How long the engine holds its locks, and how much it does meanwhile: the thread CPU time of every
// hold while an engine is led through growth, eviction, sizes that shift, large values, deletion
// and expiry, with those told apart in which the system gave memory (page faults). Then the same
// once more, with the engine's counters read around the holds that took long and some of the
// others. Prints Markdown tables.
//
// Exits with 0, with 1 where there is no engine, it refused a store or no hold was seen, and with
// CLI11's codes where the command line is wrong.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/mutex.h"
#include "core/engine.h"
#include "tests/bench/engine/hold_options.h"
#include "tests/bench/engine/hold_walk.h"
#include "tests/bench/engine/lock_observer.h"
#include "tests/bench/engine/step_times.h"
#include "tests/bench/engine/thread_usage.h"

namespace quarry::bench {
namespace {

constexpr double kNsPerUs = 1e3;
/// The counters are read around each hold that took so long, and each that had a fault in every
/// run, ...
constexpr uint32_t kCountedNs = 5'000;
/// ... and around so many of the others: a prime, in step with no period of the work.
constexpr uint64_t kCountedEvery = 251;
/// So many of the longest holds are listed one by one.
constexpr size_t kListedHolds = 12;
constexpr int kControlHolds = 1'000'000;

/// Takes the thread CPU time and the page faults of every hold.
class HoldTimer : public LockObserver {
 public:
  explicit HoldTimer(MeasuredSteps* holds) : holds_(*holds) {}

  void BeforeHold() override {}
  void HoldBegins() override {
    begin_faults_ = MinorFaults();
    begin_ns_ = ThreadCpuNs();
  }
  void HoldEnds() override {
    elapsed_ns_ = ThreadCpuNs() - begin_ns_;
    faults_ = MinorFaults() - begin_faults_;
  }
  void AfterHold() override { holds_.Record(number_++, elapsed_ns_, faults_); }

 private:
  MeasuredSteps& holds_;
  uint64_t number_ = 0;
  uint64_t begin_faults_ = 0;
  uint64_t begin_ns_ = 0;
  uint64_t elapsed_ns_ = 0;
  uint64_t faults_ = 0;
};

/// What the engine's counters say of the work in one hold, or the most of each in many.
struct HoldWork {
  static constexpr size_t kKinds = 6;
  static constexpr std::array<const char*, kKinds> kNames = {
      "items evicted", "items fewer",          "chunks rescued",
      "pages emptied", "pages taken or given", "index buckets more or fewer"};

  std::array<uint64_t, kKinds> counts{};

  void RaiseTo(const HoldWork& other) {
    for (size_t i = 0; i < kKinds; ++i) {
      counts[i] = std::max(counts[i], other.counts[i]);
    }
  }
};

uint64_t Distance(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}

uint64_t Rescued(const core::EngineStats& stats) {
  return stats.counters.items_rescued + stats.counters.parts_rescued;
}

HoldWork WorkBetween(const core::EngineStats& before, const core::EngineStats& after) {
  return {{after.class_totals.evicted - before.class_totals.evicted,
           before.items > after.items ? before.items - after.items : 0,
           Rescued(after) - Rescued(before),
           after.counters.pages_moved - before.counters.pages_moved,
           Distance(after.pages_free, before.pages_free),
           Distance(after.index_buckets, before.index_buckets)}};
}

/// One of the longest holds.
struct ListedHold {
  size_t phase_index = 0;
  uint64_t number = 0;
  uint32_t ns = 0;
  const char* call = "";
  HoldWork work{};
};

/// What is found of the work in the holds of one phase.
struct PhaseWork {
  HoldWork most;
  uint64_t looks = 0;
};

/// Reads the engine's counters before and after the holds that are looked at.
class WorkCounter : public LockObserver {
 public:
  /// `listed` are those of this phase, by their numbers, whose work is filled in.
  WorkCounter(const HoldWalk& walk, const std::vector<uint32_t>& least_ns,
              std::vector<ListedHold*> listed, PhaseWork* work)
      : walk_(walk), least_ns_(least_ns), listed_(std::move(listed)), work_(*work) {}

  void BeforeHold() override {
    looks_ = number_ % kCountedEvery == 0 ||
             (number_ < least_ns_.size() && least_ns_[number_] >= kCountedNs);
    if (looks_) {
      before_ = walk_.Stats();
    }
  }
  void HoldBegins() override {}
  void HoldEnds() override {}
  void AfterHold() override {
    if (looks_) {
      const HoldWork work = WorkBetween(before_, walk_.Stats());
      work_.most.RaiseTo(work);
      ++work_.looks;
      for (ListedHold* hold : listed_) {
        if (hold->number == number_) {
          hold->call = walk_.call();
          hold->work = work;
        }
      }
    }
    ++number_;
  }

 private:
  const HoldWalk& walk_;
  const std::vector<uint32_t>& least_ns_;
  const std::vector<ListedHold*> listed_;
  PhaseWork& work_;
  core::EngineStats before_;
  uint64_t number_ = 0;
  bool looks_ = false;
};

bool Fail(std::string_view what) {
  std::cerr << "lock_holds: " << what << '\n';
  return false;
}

/// One walk, every hold of which is added to its phase's. False, and a message, where it fails.
bool TimeHolds(const HoldOptions& options, std::vector<MeasuredSteps>& holds) {
  HoldWalk walk(options);
  for (size_t i = 0; i < HoldWalk::Phases().size() && walk.failure().empty(); ++i) {
    const HoldWalk::Phase& phase = HoldWalk::Phases()[i];
    walk.Prepare(phase);
    HoldTimer timer(&holds[i]);
    const ScopedLockObserver scope(timer);
    walk.Run(phase);
    if (holds[i].least_ns.empty()) {
      return Fail("no hold was seen: has the linker no --wrap?");
    }
  }
  return walk.failure().empty() || Fail(walk.failure());
}

/// The longest holds, of each its least time, the longest first.
std::vector<ListedHold> LongestHolds(const std::vector<MeasuredSteps>& holds) {
  std::vector<ListedHold> longest;
  const auto is_longer = [](const ListedHold& a, const ListedHold& b) {
    return a.ns > b.ns;
  };
  for (size_t i = 0; i < holds.size(); ++i) {
    for (uint64_t number = 0; number < holds[i].least_ns.size(); ++number) {
      const uint32_t ns = holds[i].least_ns[number];
      if (ns >= kCountedNs && ns != MeasuredSteps::kNeverWithoutFault) {
        longest.push_back({.phase_index = i, .number = number, .ns = ns});
      }
    }
  }
  std::sort(longest.begin(), longest.end(), is_longer);
  longest.resize(std::min(longest.size(), kListedHolds));
  return longest;
}

bool CountWork(const HoldOptions& options, const std::vector<MeasuredSteps>& holds,
               std::vector<PhaseWork>& works, std::vector<ListedHold>& longest) {
  HoldWalk walk(options);
  for (size_t i = 0; i < HoldWalk::Phases().size() && walk.failure().empty(); ++i) {
    const HoldWalk::Phase& phase = HoldWalk::Phases()[i];
    std::vector<ListedHold*> listed;
    for (ListedHold& hold : longest) {
      if (hold.phase_index == i) {
        listed.push_back(&hold);
      }
    }
    walk.Prepare(phase);
    WorkCounter counter(walk, holds[i].least_ns, std::move(listed), &works[i]);
    const ScopedLockObserver scope(counter);
    walk.Run(phase);
  }
  return walk.failure().empty() || Fail(walk.failure());
}

double MeanUs(const std::vector<uint32_t>& least_ns) {
  double sum = 0;
  uint64_t count = 0;
  for (const uint32_t ns : least_ns) {
    if (ns != MeasuredSteps::kNeverWithoutFault) {
      sum += ns;
      ++count;
    }
  }
  return count == 0 ? 0 : sum / static_cast<double>(count) / kNsPerUs;
}

double Us(uint64_t ns) {
  return static_cast<double>(ns) / kNsPerUs;
}

void PrintTimes(std::string_view name, const MeasuredSteps& holds) {
  const std::unique_ptr<StepTimes> least = holds.Least();
  std::cout << "| " << name << " | " << holds.least_ns.size() << " | " << MeanUs(holds.least_ns)
            << " | " << Us(least->ns.Percentile(0.9999)) << " | **" << Us(least->ns.Max())
            << "** | " << Us(holds.without_fault.ns.Max()) << " | "
            << holds.without_fault.too_long_count << " | " << holds.with_fault.ns.Total() << " | "
            << Us(holds.with_fault.ns.Max()) << " |\n";
}

void PrintTimeTable(const std::vector<MeasuredSteps>& holds) {
  Mutex mutex;
  MeasuredSteps control;
  {
    HoldTimer timer(&control);
    const ScopedLockObserver scope(timer);
    for (int i = 0; i < kControlHolds; ++i) {
      const MutexLock lock(mutex);
    }
  }
  std::cout << "| thread CPU time in µs | holds | mean | p99.99 | longest | longest in any run |"
               " above 1 ms in any run | holds with page faults | longest of these |\n"
               "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (size_t i = 0; i < holds.size(); ++i) {
    PrintTimes(HoldWalk::Phases()[i].name, holds[i]);
  }
  PrintTimes("no engine: a lock and nothing done", control);
}

void PrintWorkHead(std::string_view first_columns, std::string_view rule) {
  std::cout << first_columns;
  for (const char* const name : HoldWork::kNames) {
    std::cout << " | " << name;
  }
  std::cout << " |\n" << rule;
  for (size_t i = 0; i < HoldWork::kKinds; ++i) {
    std::cout << " | ---:";
  }
  std::cout << " |\n";
}

void PrintWork(const HoldWork& work) {
  for (const uint64_t count : work.counts) {
    std::cout << " | " << count;
  }
  std::cout << " |\n";
}

void PrintWorkTables(const std::vector<PhaseWork>& works, const std::vector<ListedHold>& longest) {
  PrintWorkHead("| most in one hold | holds looked at", "| --- | ---:");
  for (size_t i = 0; i < works.size(); ++i) {
    std::cout << "| " << HoldWalk::Phases()[i].name << " | " << works[i].looks;
    PrintWork(works[i].most);
  }
  std::cout << '\n';
  PrintWorkHead("| the longest holds | in a | µs", "| --- | --- | ---:");
  for (const ListedHold& hold : longest) {
    std::cout << "| " << HoldWalk::Phases()[hold.phase_index].name << " | " << hold.call << " | "
              << Us(hold.ns);
    PrintWork(hold.work);
  }
}

/// False where it failed, which is said on the error stream.
bool MeasureHolds(const HoldOptions& options) {
  std::vector<MeasuredSteps> holds(HoldWalk::Phases().size());
  for (uint64_t run = 0; run < options.run_count; ++run) {
    if (!TimeHolds(options, holds)) {
      return false;
    }
  }
  std::vector<ListedHold> longest = LongestHolds(holds);
  std::vector<PhaseWork> works(holds.size());
  if (!CountWork(options, holds, works, longest)) {
    return false;
  }
  std::cout << options.memory_mb << " MiB, " << HoldWalk(options).Stats().shard_count << " shards, "
            << options.run_count << " runs.\n\n";
  PrintTimeTable(holds);
  std::cout << '\n';
  PrintWorkTables(works, longest);
  return true;
}

}  // namespace
}  // namespace quarry::bench

int main(int argc, char** argv) {
  quarry::bench::HoldOptions options;
  int exit_code = 0;
  if (!quarry::bench::ParseHoldOptions(argc, argv, &options, &exit_code)) {
    return exit_code;
  }
  std::cout << std::fixed << std::setprecision(1);
  return quarry::bench::MeasureHolds(options) ? 0 : 1;
}
