#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"
#include "tests/unit/core/weighted_operations.h"

namespace quarry::core {
namespace {

constexpr uint32_t kThreadCount = 4;
/// A value that appends and prepends have made this long is replaced.
constexpr uint64_t kLongValueBytes = 100'000;
constexpr uint32_t kMemoryChangeMib = 8;  // the limit goes up and down by as much

/// One store's part of a value: who wrote it, and as its how-many-th. A value is the record of one
/// set and those of the appends and prepends since.
struct Record {
  bool joined = false;  // by an append or prepend
  uint32_t writer = 0;
  uint64_t version = 0;
};

/// "<key> <joined> <writer> <version> <bytes>|" and so many bytes that no other record has.
std::string MakeRecord(const std::string& key, Record record, size_t bytes) {
  const size_t offset = (record.version * 7919 + record.writer * 104'729) % kMiB;
  std::string text = key;
  for (const uint64_t number : {uint64_t{record.joined}, uint64_t{record.writer}, record.version}) {
    text.append(" ").append(std::to_string(number));
  }
  text.append(" ").append(std::to_string(bytes)).append("|");
  return text.append(Noise(offset, bytes));
}

/// Reads a number and the byte behind it from the front of `text`; nullopt if they are not there.
std::optional<uint64_t> TakeNumber(std::string_view& text, char end_byte) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != end_byte) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return number;
}

/// Takes a record from the front of `value`; nullopt if a byte of it is torn or foreign.
std::optional<Record> TakeRecord(const std::string& key, std::string_view& value) {
  std::string_view head = value;
  if (!head.starts_with(key + " ")) {
    return std::nullopt;
  }
  head.remove_prefix(key.size() + 1);
  const auto joined = TakeNumber(head, ' ');
  const auto writer = TakeNumber(head, ' ');
  const auto version = TakeNumber(head, ' ');
  const auto bytes = TakeNumber(head, '|');
  if (!joined || !writer || !version || !bytes || *bytes > kMiB) {
    return std::nullopt;
  }
  const Record record{*joined == 1, static_cast<uint32_t>(*writer), *version};
  const std::string whole = MakeRecord(key, record, *bytes);
  if (!value.starts_with(whole)) {
    return std::nullopt;
  }
  value.remove_prefix(whole.size());
  return record;
}

/// The records of a value; none if it is not one set's and what was joined to it.
std::vector<Record> RecordsOf(const std::string& key, std::string_view value) {
  std::vector<Record> records;
  while (!value.empty()) {
    const auto record = TakeRecord(key, value);
    if (!record) {
      return {};
    }
    records.push_back(*record);
  }
  const auto sets = std::count_if(records.begin(), records.end(),
                                  [](const Record& record) { return !record.joined; });
  return sets == 1 ? records : std::vector<Record>();
}

/// One thread's operations on keys that all share. What it has set, deleted, flushed or missed, no
/// older version of its own may follow.
class Worker {
 public:
  Worker(Engine& engine, uint32_t number) : engine_(engine), random_(number), number_(number) {}

  void Run(Instant now, int operation_count) {
    now_ = now;
    for (int i = 0; i < operation_count && complaint_.empty(); ++i) {
      Step();
    }
  }

  /// What it has seen that must not be; an empty text where all was well.
  const std::string& complaint() const { return complaint_; }
  uint64_t hits() const { return hits_; }
  uint64_t joins() const { return joins_; }

 private:
  using Operation = WeightedOperation<Worker>;

  /// Whatever threads can do to an engine at once is a row here.
  void Step() {
    static constexpr std::array kOperations = {
        Operation{250, &Worker::Set},       Operation{30, &Worker::Add},
        Operation{60, &Worker::Replace},    Operation{60, &Worker::StoreOverCas},
        Operation{60, &Worker::Append},     Operation{60, &Worker::Prepend},
        Operation{100, &Worker::Count},     Operation{60, &Worker::Delete},
        Operation{60, &Worker::Touch},      Operation{60, &Worker::Look},
        Operation{60, &Worker::Maintain},   Operation{1, &Worker::Flush},
        Operation{300, &Worker::ReadValue}, Operation{1, &Worker::ChangeMemory},
        Operation{10, &Worker::GiveBack},
    };
    key_ = "key-" + std::to_string(Below(200));
    Key engine_key = engine_.MakeKey(key_);
    engine_.PrefetchBucket(engine_key);
    engine_.PrefetchItem(engine_key);
    RunDrawn(kOperations, Below(TotalWeight(kOperations)), *this);
  }

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  void Expect(bool held, const char* what) {
    if (!held) {
      complaint_ = std::string(what) + ": " + key_;
    }
  }

  size_t Bytes() {
    const uint32_t kind = Below(20);
    return kind < 14   ? 20 + Below(500)
           : kind < 18 ? 20 + Below(64'000)
           : kind < 19 ? 3 * kPageBytes - Below(1000)
                       : 300'000;
  }

  StoreResult Store(StoreMode mode, size_t bytes, std::optional<uint64_t> cas = std::nullopt) {
    const bool joins = mode == StoreMode::kAppend || mode == StoreMode::kPrepend;
    const std::string record = MakeRecord(key_, {joins, number_, ++version_}, bytes);
    return StoreIn(engine_, key_, record,
                   {.mode = mode,
                    .compare_cas = cas.has_value(),
                    .expiry = Below(4) == 0 ? now_.ceil_sec + 1 + Below(3) : kNever,
                    .cas = cas.value_or(0)},
                   now_);
  }
  /// Every earlier version of this thread's is gone from the key.
  void ForgetEarlier(bool with_latest) { oldest_[key_] = version_ + (with_latest ? 1 : 0); }

  void Set() {
    const StoreOutcome outcome = Store(StoreMode::kSet, Bytes()).outcome;
    Expect(outcome == StoreOutcome::kStored, "a set was refused");
    ForgetEarlier(false);
  }

  void Add() {
    if (Store(StoreMode::kAdd, Bytes()).outcome == StoreOutcome::kStored) {
      ForgetEarlier(false);
    }
  }

  void Replace() {
    const StoreOutcome outcome = Store(StoreMode::kReplace, Bytes()).outcome;
    Expect(outcome == StoreOutcome::kStored || outcome == StoreOutcome::kNotStored,
           "a replace was refused");
    ForgetEarlier(outcome != StoreOutcome::kStored);
  }

  void StoreOverCas() {
    const auto shown = Fetch({});
    if (!shown) {
      return ForgetEarlier(true);
    }
    if (Store(StoreMode::kSet, Bytes(), shown->item.cas).outcome == StoreOutcome::kStored) {
      ForgetEarlier(false);
    }
  }

  void Append() { Join(StoreMode::kAppend); }
  void Prepend() { Join(StoreMode::kPrepend); }

  void Join(StoreMode mode) {
    const StoreResult result = Store(mode, Below(4) == 0 ? Below(10'000) : Below(200));
    if (result.outcome == StoreOutcome::kNotStored) {
      return ForgetEarlier(true);
    }
    // One that others keep overtaking gives up.
    Expect(result.outcome == StoreOutcome::kStored || result.outcome == StoreOutcome::kNoMemory,
           "an append was refused");
    joins_ += result.outcome == StoreOutcome::kStored ? 1 : 0;
    if (result.value_bytes > kLongValueBytes) {
      Set();
    }
  }

  void Count() {
    key_ = "count-" + std::to_string(Below(8));
    const auto result = engine_.Arithmetic(engine_.MakeKey(key_), {.vivify = true}, now_);
    const bool created = result.outcome == ArithmeticOutcome::kCreated;
    Expect(created || result.outcome == ArithmeticOutcome::kDone, "a count was refused");
    Expect(created == (result.value == 0), "a count does not follow from the one before");
  }

  void Delete() {
    engine_.Delete(engine_.MakeKey(key_), {}, now_);
    ForgetEarlier(true);
  }

  void Touch() {
    if (!Fetch({.touch = true, .expiry = Below(2) == 0 ? kNever : now_.ceil_sec + Below(3)})) {
      ForgetEarlier(true);
    }
  }

  void Look() {
    if (const auto shown = Fetch({})) {
      Expect(!HasExpired(shown->item.expiry, now_), "an expired item was shown");
    } else {
      ForgetEarlier(true);
    }
  }

  void Maintain() { engine_.Maintain(now_); }

  void ChangeMemory() {
    const uint64_t added_mib = Below(kMemoryChangeMib + 1);
    Expect(engine_.SetMemoryLimit(EngineOptions::kMinMemoryBytes + added_mib * kMiB).ok(),
           "a limit within its range is refused");
  }

  void GiveBack() { engine_.GiveBackSurplus(now_); }

  void Flush() {
    engine_.Flush(kNever, now_);
    oldest_of_all_ = version_ + 1;
  }

  void ReadValue() {
    // A get that would have to wait for room to pin its value looks like a miss here.
    const auto value = GetFrom(engine_, key_, {}, now_);
    if (!value) {
      return;
    }
    ++hits_;
    const std::vector<Record> records = RecordsOf(key_, *value);
    Expect(!records.empty(), "a value is torn, foreign, or no set's");
    for (const Record& record : records) {
      if (record.writer == number_) {
        Expect(record.version >= std::max(oldest_[key_], oldest_of_all_), "an old value came back");
        Expect(record.version <= version_, "a value came from nowhere");
      }
    }
  }

  std::optional<Fetched> Fetch(const GetOptions& options) {
    return FetchFrom(engine_, key_, options, now_);
  }

  Engine& engine_;
  std::mt19937_64 random_;
  const uint32_t number_;
  Instant now_;
  std::string key_;
  uint64_t version_ = 0;                    // of this thread's latest store
  std::map<std::string, uint64_t> oldest_;  // of its versions that may still be there, by key
  uint64_t oldest_of_all_ = 0;              // the same for every key
  uint64_t hits_ = 0;
  uint64_t joins_ = 0;
  std::string complaint_;
};

/// `round_count` rounds of all threads at once, the clock moving between them.
void WorkTogether(int round_count, int operations_a_round) {
  EngineOptions options = EngineFixture::DefaultOptions();
  options.memory_bytes = EngineOptions::kMinMemoryBytes;
  options.max_memory_bytes = EngineOptions::kMinMemoryBytes + kMemoryChangeMib * kMiB;
  options.shard_count = 4;
  EngineFixture shared(options);
  std::vector<Worker> workers;
  for (uint32_t number = 0; number < kThreadCount; ++number) {
    workers.emplace_back(*shared.engine, number);
  }
  for (int round = 0; round < round_count; ++round) {
    std::vector<std::thread> threads;
    for (Worker& worker : workers) {
      threads.emplace_back([&] { worker.Run(shared.now, operations_a_round); });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    shared.Wait(1);
  }
  uint64_t hits = 0;
  uint64_t joins = 0;
  for (const Worker& worker : workers) {
    REQUIRE(worker.complaint().empty());
    hits += worker.hits();
    joins += worker.joins();
  }
  const EngineStats stats = shared.Stats();
  REQUIRE(stats.pinned_bytes == 0);
  REQUIRE(stats.class_totals.evicted > 0);
  REQUIRE(hits > 0);
  REQUIRE(joins > 0);
  WARN(kThreadCount << " threads, " << round_count * operations_a_round
                    << " operations each: " << hits << " hits, " << joins
                    << " appends and prepends, " << stats.class_totals.evicted << " evictions");
}

TEST_CASE("An append to a key that comes and goes takes no other value's place") {
  EngineFixture shared;
  const std::string first = "first ";
  const std::string added(7000, 'a');
  std::atomic<bool> done{false};
  std::thread setter([&] {
    for (int i = 0; i < 100'000; ++i) {
      shared.Delete("k");
      shared.Set("k", first);
    }
    done = true;
  });
  int wrong = 0;
  while (!done) {
    shared.Store("k", added, {.mode = StoreMode::kAppend});
    const auto value = shared.Get("k");
    wrong += !value || value->starts_with(first) ? 0 : 1;
  }
  setter.join();
  REQUIRE(wrong == 0);
}

TEST_CASE("Appends to one large value from several threads are all stored") {
  constexpr int kAppends = 400;
  EngineFixture shared;
  const std::string first(200'000, 'f');
  shared.Set("k", first);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreadCount; ++i) {
    threads.emplace_back([&, mode = i % 2 == 0 ? StoreMode::kAppend : StoreMode::kPrepend] {
      for (int n = 0; n < kAppends; ++n) {
        const auto outcome = shared.Store("k", "0123456789", {.mode = mode}).outcome;
        refused += outcome == StoreOutcome::kStored ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  REQUIRE(refused == 0);
  const auto value = shared.Get("k");
  REQUIRE(value);
  REQUIRE(value->size() == first.size() + size_t{10} * kThreadCount * kAppends);
}

TEST_CASE("Threads on the same keys see whole values of the right key, and none that has ended") {
  WorkTogether(10, 2'500);
}

TEST_CASE("Threads on the same keys do so over a million operations", "[.long]") {
  WorkTogether(150, 2'500);
}

}  // namespace
}  // namespace quarry::core
