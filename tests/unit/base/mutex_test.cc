#include "core/base/mutex.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace quarry {
namespace {

TEST_CASE("Only one thread at a time holds a mutex, and each gets it") {
  constexpr int kThreads = 4;
  constexpr int kHolds = 20'000;
  Mutex mutex;
  uint64_t holds = 0;
  std::atomic<int> holders{0};
  std::atomic<int> most_holders{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int hold = 0; hold < kHolds; ++hold) {
        const MutexLock lock(mutex);
        const int now = holders.fetch_add(1) + 1;
        if (now > most_holders.load()) {
          most_holders.store(now);
        }
        ++holds;
        holders.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  REQUIRE(holds == uint64_t{kThreads} * kHolds);
  REQUIRE(most_holders == 1);
}

TEST_CASE("Who sleeps for a mutex is woken when it is released, one after the other") {
  constexpr int kSleepers = 3;
  Mutex mutex;
  int passed = 0;
  std::vector<std::thread> sleepers;
  {
    const MutexLock lock(mutex);
    std::atomic<int> started{0};
    for (int i = 0; i < kSleepers; ++i) {
      sleepers.emplace_back([&] {
        started.fetch_add(1);
        const MutexLock own_lock(mutex);
        ++passed;
      });
    }
    while (started.load() < kSleepers) {
      std::this_thread::yield();
    }
    // Time enough for them to give up spinning, as a rule; it is right without, too.
    for (int i = 0; i < 1000; ++i) {
      std::this_thread::yield();
    }
    REQUIRE(passed == 0);
  }
  for (std::thread& sleeper : sleepers) {
    sleeper.join();
  }
  REQUIRE(passed == kSleepers);
}

}  // namespace
}  // namespace quarry
