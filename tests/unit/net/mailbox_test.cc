#include "daemon/net/mailbox.h"

#include <memory>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

struct Fixture {
  Fixture() : loop(*EventLoop::Create()), mailbox(*Mailbox::Create(*loop)) {}

  void PostEnd() {
    mailbox->Post([this] { loop->Break(); });
  }

  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<Mailbox> mailbox;
};

TEST_CASE_METHOD(Fixture, "Messages run in the order of their posting") {
  std::vector<int> seen;
  for (int i = 0; i < 5; ++i) {
    mailbox->Post([&seen, i] { seen.push_back(i); });
  }
  PostEnd();
  loop->Run();
  REQUIRE(seen == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE_METHOD(Fixture, "A message that posts another one is followed by it") {
  int turns = 0;
  mailbox->Post([&] {
    ++turns;
    mailbox->Post([&] {
      ++turns;
      PostEnd();
    });
  });
  loop->Run();
  REQUIRE(turns == 2);
}

TEST_CASE_METHOD(Fixture,
                 "No message of many threads is lost, and each thread's keep their order") {
  constexpr int kThreads = 4;
  constexpr int kMessages = 5000;
  std::vector<int> next(kThreads, 0);
  int out_of_order = 0;
  int left = kThreads * kMessages;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kMessages; ++i) {
        mailbox->Post([&, t, i] {
          out_of_order += next[t] == i ? 0 : 1;
          next[t] = i + 1;
          if (--left == 0) {
            loop->Break();
          }
        });
      }
    });
  }
  loop->Run();
  for (std::thread& thread : threads) {
    thread.join();
  }
  REQUIRE(out_of_order == 0);
}

TEST_CASE_METHOD(Fixture, "A message that never ran gives back what it owns") {
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  mailbox->Post([owned = std::move(owned)] {});
  mailbox.reset();
  REQUIRE(watched.expired());
}

}  // namespace
}  // namespace quarry::net
