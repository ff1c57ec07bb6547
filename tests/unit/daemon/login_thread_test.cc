#include "daemon/login_thread.h"

#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

using command::Verdict;

/// A check that lets nobody in but ann, and remembers whom it has been asked for.
struct Fixture {
  std::vector<std::string> asked;
  std::counting_semaphore<> wakes{0};
  std::unique_ptr<LoginThread> thread =
      std::make_unique<LoginThread>([this](std::string_view token) {
        asked.emplace_back(token);
        return token == "ann";
      });

  Fixture() { REQUIRE(thread->Start().ok()); }

  std::shared_ptr<Verdict> Ask(const std::string& token) {
    auto verdict = std::make_shared<Verdict>([this] { wakes.release(); });
    thread->Ask(token, verdict);
    return verdict;
  }
};

TEST_CASE("Each client hears how its own login has ended") {
  Fixture fixture;
  const auto ann = fixture.Ask("ann");
  const auto bob = fixture.Ask("bob");
  fixture.wakes.acquire();
  fixture.wakes.acquire();
  REQUIRE(ann->given() == true);
  REQUIRE(bob->given() == false);
  REQUIRE(fixture.asked == std::vector<std::string>{"ann", "bob"});
}

TEST_CASE("A thread that nobody has asked ends, too") {
  const Fixture fixture;
  REQUIRE(fixture.asked.empty());
}

TEST_CASE("Logins that come before the thread wait for it") {
  std::binary_semaphore woken{0};
  LoginThread thread([](std::string_view) { return true; });
  const auto ann = std::make_shared<Verdict>([&woken] { woken.release(); });
  thread.Ask("ann", ann);
  REQUIRE(ann->given() == std::nullopt);
  REQUIRE(thread.Start().ok());
  woken.acquire();
  REQUIRE(ann->given() == true);
}

TEST_CASE("Without a thread there is nothing to wait for at the end") {
  const auto ann = std::make_shared<Verdict>([] { FAIL("nobody can tell"); });
  LoginThread([](std::string_view) { return true; }).Ask("ann", ann);
  REQUIRE(ann->given() == std::nullopt);
}

/// A check that blocks until it is let go.
struct Blocked {
  std::binary_semaphore begun{0};
  std::binary_semaphore let_go{0};
  int asked = 0;

  bool Check() {
    ++asked;
    begun.release();
    let_go.acquire();
    return true;
  }
};

TEST_CASE("Nobody is asked for a client that has gone") {
  Blocked blocked;
  LoginThread thread([&blocked](std::string_view) { return blocked.Check(); });
  REQUIRE(thread.Start().ok());
  std::counting_semaphore<> wakes{0};
  const auto first = std::make_shared<Verdict>([&wakes] { wakes.release(); });
  auto gone = std::make_shared<Verdict>([&wakes] { wakes.release(); });
  const auto last = std::make_shared<Verdict>([&wakes] { wakes.release(); });
  thread.Ask("first", first);
  blocked.begun.acquire();
  thread.Ask("gone", gone);
  gone.reset();
  thread.Ask("last", last);
  blocked.let_go.release();
  blocked.begun.acquire();
  blocked.let_go.release();
  wakes.acquire();
  wakes.acquire();
  REQUIRE(last->given() == true);
  REQUIRE(blocked.asked == 2);
}

TEST_CASE("Clients that come and go while a check blocks leave little behind") {
  Blocked blocked;
  std::counting_semaphore<> wakes{0};
  LoginThread thread([&blocked](std::string_view) { return blocked.Check(); });
  REQUIRE(thread.Start().ok());
  const auto first = std::make_shared<Verdict>([&wakes] { wakes.release(); });
  thread.Ask("first", first);
  blocked.begun.acquire();
  for (int i = 0; i < 100'000; ++i) {
    thread.Ask("gone", std::make_shared<Verdict>([] { FAIL("it has gone"); }));
  }
  const auto last = std::make_shared<Verdict>([&wakes] { wakes.release(); });
  thread.Ask("last", last);
  REQUIRE(thread.kept_count() <= 65);
  blocked.let_go.release();
  blocked.begun.acquire();
  blocked.let_go.release();
  wakes.acquire();
  wakes.acquire();
  REQUIRE(last->given() == true);
  REQUIRE(blocked.asked == 2);
}

TEST_CASE("A check that does not end is left behind, and wakes nobody") {
  const auto blocked = std::make_shared<Blocked>();
  const auto verdict = std::make_shared<Verdict>([] { FAIL("nobody waits any more"); });
  {
    LoginThread thread([blocked](std::string_view) { return blocked->Check(); });
    REQUIRE(thread.Start().ok());
    thread.Ask("ann", verdict);
    blocked->begun.acquire();
  }
  blocked->let_go.release();
  while (blocked.use_count() > 1) {  // the thread has its check until its very end
    std::this_thread::yield();
  }
  REQUIRE(verdict->given() == std::nullopt);
}

}  // namespace
}  // namespace quarry::daemon
