#include "tests/bench/engine/lock_observer.h"

#include <string>
#include <thread>

#include "core/base/mutex.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

class Story : public LockObserver {
 public:
  void BeforeHold() override { Tell("before "); }
  void HoldBegins() override { text += "begin "; }
  void HoldEnds() override { text += "end "; }
  void AfterHold() override { Tell("after "); }

  std::string text;

 private:
  void Tell(const char* what) {
    const MutexLock lock(own_);
    text += what;
  }

  Mutex own_;
};

TEST_CASE("A hold is seen once, with the locks taken under it and without the observer's own") {
  Mutex outer;
  Mutex inner;
  Story story;
  const ScopedLockObserver scope(story);
  {
    const MutexLock lock(outer);
    const MutexLock inner_lock(inner);
    story.text += "work ";
  }
  REQUIRE(story.text == "before begin work end after ");
  { const MutexLock lock(inner); }
  REQUIRE(story.text == "before begin work end after before begin end after ");
}

TEST_CASE("Neither other threads nor what comes later are seen") {
  Mutex mutex;
  Story story;
  {
    const ScopedLockObserver scope(story);
    std::thread([&mutex] { const MutexLock lock(mutex); }).join();
  }
  { const MutexLock lock(mutex); }
  REQUIRE(story.text.empty());
}

}  // namespace
}  // namespace quarry::bench
