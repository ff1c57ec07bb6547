#include "daemon/net/socket_poll.h"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/net/event.h"
#include "tests/support/catch.h"
#include "tests/unit/net/socket_pair.h"

namespace quarry::net {
namespace {

/// One socket of a pair that calls back while there is something to read, or what else is wanted.
struct Peer {
  Peer(EventLoop& loop, std::function<void(Peer&)> handler) : handle(std::move(handler)) {
    event.Assign<&Peer::OnReady>(loop, pair.first.value(), this);
    REQUIRE(event.Want(EPOLLIN));
  }

  void OnReady(uint32_t happened) {
    ++calls;
    told = happened;
    handle(*this);
  }
  void Send(char byte = 'x') { REQUIRE(write(pair.second.value(), &byte, 1) == 1); }
  void Receive() {
    char byte = 0;
    REQUIRE(read(pair.first.value(), &byte, 1) == 1);
  }

  SocketPair pair;  // the second is the other side's
  std::function<void(Peer&)> handle;
  int calls = 0;
  uint32_t told = 0;
  SocketEvent event;
};

struct Timer {
  Timer(EventLoop& loop, std::function<void()> handler) : handle(std::move(handler)) {
    event.Assign<&Timer::OnTime>(loop, -1, 0, this);
  }
  void Start() {
    constexpr timeval kSoon = {.tv_sec = 0, .tv_usec = 1000};
    REQUIRE(event.Add(&kSoon));
  }
  void OnTime(EventFlags) { handle(); }

  std::function<void()> handle;
  Event event;
};

struct Fixture {
  std::unique_ptr<EventLoop> loop = *EventLoop::Create();
};

TEST_CASE_METHOD(Fixture, "An event is handled again while there is something left to read") {
  Peer peer(*loop, [this](Peer& self) {
    if (self.calls < 3) {
      return;
    }
    self.Receive();
    loop->Break();
  });
  peer.Send();
  loop->Run();
  REQUIRE(peer.calls == 3);
}

TEST_CASE_METHOD(Fixture, "Room to send is told while it is wanted, and input is not") {
  Peer peer(*loop, [this](Peer& self) {
    REQUIRE(self.told == EPOLLOUT);
    if (self.calls == 2) {
      REQUIRE(self.event.Want(EPOLLIN));
      loop->Break();
    }
  });
  REQUIRE(peer.event.Want(EPOLLOUT));
  peer.Send();
  loop->Run();
  REQUIRE(peer.calls == 2);
  peer.handle = [this](Peer& self) {
    REQUIRE(self.told == EPOLLIN);
    loop->Break();
  };
  loop->Run();
  REQUIRE(peer.calls == 3);
}

TEST_CASE_METHOD(Fixture, "Where news is wanted, nothing is told twice") {
  Peer peer(*loop, [](Peer& self) { REQUIRE((self.told & EPOLLIN) != 0); });
  REQUIRE(peer.event.Want(EPOLLIN | EPOLLET));
  peer.Send();
  Timer timer(*loop, [this] { loop->Break(); });
  timer.Start();
  loop->Run();
  REQUIRE(peer.calls == 1);
  peer.Send();
  timer.Start();
  loop->Run();
  REQUIRE(peer.calls == 2);
}

TEST_CASE_METHOD(Fixture, "The end of the other side is an event") {
  Peer peer(*loop, [this](Peer&) { loop->Break(); });
  peer.pair.second = {};
  loop->Run();
  REQUIRE(peer.calls == 1);
}

TEST_CASE_METHOD(Fixture, "More events than one call tells of are all handled") {
  constexpr int kPeers = 150;
  int left = kPeers;
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < kPeers; ++i) {
    peers.push_back(std::make_unique<Peer>(*loop, [&](Peer& self) {
      self.Receive();
      if (--left == 0) {
        loop->Break();
      }
    }));
    peers.back()->Send();
  }
  loop->Run();
  for (const auto& peer : peers) {
    REQUIRE(peer->calls == 1);
  }
}

TEST_CASE_METHOD(Fixture, "A handler may destroy its own event and others that are ready") {
  std::vector<std::unique_ptr<Peer>> peers;
  int handled = 0;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<Peer>(*loop, [&](Peer&) {
      ++handled;
      loop->Break();
      peers.clear();
    }));
    peers.back()->Send();
  }
  loop->Run();
  REQUIRE(handled == 1);
  Timer timer(*loop, [this] { loop->Break(); });
  timer.Start();
  loop->Run();
  REQUIRE(handled == 1);
}

TEST_CASE_METHOD(Fixture, "What was removed is not handled, and is once it is armed again") {
  Peer* second_pointer = nullptr;
  Peer first(*loop, [&](Peer& self) {
    self.Receive();
    second_pointer->event.Remove();
  });
  Peer second(*loop, [&](Peer& self) {
    self.Receive();
    loop->Break();
  });
  second_pointer = &second;
  Timer timer(*loop, [&] {
    REQUIRE(second.calls == 0);
    REQUIRE(second.event.Want(EPOLLIN));
  });
  first.Send();
  second.Send();
  timer.Start();
  loop->Run();
  REQUIRE(first.calls == 1);
  REQUIRE(second.calls == 1);
}

TEST_CASE_METHOD(Fixture, "Break leaves the events that are ready to the next run") {
  const auto handle = [this](Peer& self) {
    self.Receive();
    loop->Break();
  };
  Peer first(*loop, handle);
  Peer second(*loop, handle);
  first.Send();
  second.Send();
  loop->Run();
  REQUIRE(first.calls + second.calls == 1);
  loop->Run();
  REQUIRE(first.calls + second.calls == 2);
}

TEST_CASE_METHOD(Fixture, "A timer that a handler starts is heard of while there is no input") {
  int timeouts = 0;
  Timer timer(*loop, [&] {
    ++timeouts;
    loop->Break();
  });
  Peer peer(*loop, [&](Peer& self) {
    self.Receive();
    timer.Start();
  });
  peer.Send();
  loop->Run();
  REQUIRE(timeouts == 1);
}

TEST_CASE_METHOD(Fixture, "A timer lasts its time, however long the poll has waited before") {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  constexpr timeval kTimeout = {.tv_sec = 0, .tv_usec = 50'000};
  constexpr auto kAlmost = milliseconds(40);  // libevent's clock moves in steps
  steady_clock::time_point started;
  Timer timer(*loop, [this] { loop->Break(); });
  Peer peer(*loop, [&](Peer& self) {
    self.Receive();
    if (self.calls == 2) {
      started = steady_clock::now();
      REQUIRE(timer.event.Add(&kTimeout));
      self.Send();  // has libevent look at its timers at once
    }
  });
  peer.Send();  // the first wait is libevent's own
  ssize_t written = 0;
  std::thread client([&peer, &written] {  // without assertions, which are for one thread
    std::this_thread::sleep_for(milliseconds(100));
    written = write(peer.pair.second.value(), "x", 1);
  });
  loop->Run();
  client.join();
  REQUIRE(written == 1);
  REQUIRE(steady_clock::now() - started >= kAlmost);
}

TEST_CASE_METHOD(Fixture, "Input is heard of while other events are armed, and after them") {
  int timeouts = 0;
  Peer peer(*loop, [&](Peer& self) {
    self.Receive();
    if (timeouts > 0) {
      loop->Break();
    }
  });
  Timer timer(*loop, [&] {
    ++timeouts;
    peer.Send();
  });
  timer.Start();
  peer.Send();
  loop->Run();
  REQUIRE(timeouts == 1);
  REQUIRE(peer.calls == 2);
}

/// What the gathering events of one poll do, letter by letter: g a gathered one, f the end of a
/// gathering, h one that is handled alone.
struct Gathering {
  explicit Gathering(EventLoop& event_loop) : loop(event_loop) {
    loop.socket_poll().FinishGatheredBy([this] { Finish(); });
  }

  void Finish() {
    log += 'f';
    gathered_now = 0;
    if (finish) {
      finish();
    }
    CountDown(0);
  }
  void CountDown(int done) {
    left -= done;
    if (left == 0) {
      loop.Break();
    }
  }

  EventLoop& loop;
  std::function<void()> finish;
  std::function<void()> handle_alone;
  std::string log;
  int most_gathered = 100;  // at once
  int gathered_now = 0;
  int left = 0;  // events until the loop ends
};

struct GatheringPeer {
  explicit GatheringPeer(Gathering& shared) : gathering(shared) {
    event.Assign<&GatheringPeer::OnReady, &GatheringPeer::Gather>(shared.loop, pair.first.value(),
                                                                  this);
    REQUIRE(event.Want(EPOLLIN));
    ++shared.left;
  }

  Gathered Gather() {
    if (is_left) {
      return Gathered::kLeft;
    }
    if (gathering.gathered_now == gathering.most_gathered) {
      return Gathered::kFull;
    }
    ++gathering.gathered_now;
    Note('g');
    return Gathered::kTaken;
  }
  void OnReady() {
    Note('h');
    if (gathering.handle_alone) {
      gathering.handle_alone();
    }
  }
  void Note(char letter) {
    char byte = 0;
    REQUIRE(read(pair.first.value(), &byte, 1) >= 0);
    gathering.log += letter;
    gathering.CountDown(1);
  }
  void Send() { REQUIRE(write(pair.second.value(), "x", 1) == 1); }

  Gathering& gathering;
  bool is_left = false;
  SocketPair pair;
  SocketEvent event;
};

struct GatheringFixture : Fixture {
  /// So many are ready at once, some of which are not to be gathered.
  std::string LogOf(int count, const std::vector<size_t>& left_ones = {}) {
    for (int i = 0; i < count; ++i) {
      peers.push_back(std::make_unique<GatheringPeer>(gathering));
      peers.back()->Send();
    }
    for (const size_t index : left_ones) {
      peers[index]->is_left = true;
    }
    loop->Run();
    return gathering.log;
  }

  Gathering gathering{*loop};
  std::vector<std::unique_ptr<GatheringPeer>> peers;
};

TEST_CASE_METHOD(GatheringFixture, "All that can be gathered is, and finished before the others") {
  REQUIRE(LogOf(5, {1, 3}) == "gggfhh");
}

TEST_CASE_METHOD(GatheringFixture, "What is full is finished before more is gathered") {
  gathering.most_gathered = 2;
  REQUIRE(LogOf(6, {1}) == "ggfhggfgf");
}

TEST_CASE_METHOD(GatheringFixture, "One that is ready alone is gathered as well") {
  REQUIRE(LogOf(1) == "gf");
}

TEST_CASE_METHOD(GatheringFixture, "What its other side has left is not gathered") {
  gathering.left = 0;
  peers.push_back(std::make_unique<GatheringPeer>(gathering));
  peers.back()->pair.second = {};
  loop->Run();
  REQUIRE(gathering.log == "h");
}

TEST_CASE_METHOD(GatheringFixture, "Break within the finish leaves the others to the next run") {
  gathering.most_gathered = 2;
  gathering.finish = [this] {
    loop->Break();
  };
  REQUIRE(LogOf(4) == "ggf");
  gathering.finish = {};
  loop->Run();
  REQUIRE(gathering.log == "ggfggf");
}

TEST_CASE_METHOD(GatheringFixture, "Break between two gatherings leaves the rest to the next run") {
  gathering.most_gathered = 2;
  gathering.handle_alone = [this] {
    loop->Break();
  };
  REQUIRE(LogOf(6, {1}) == "ggfh");
  loop->Run();
  REQUIRE(gathering.log == "ggfhggfgf");
}

TEST_CASE_METHOD(Fixture, "An event on no descriptor is refused") {
  SocketEvent event;
  event.Assign<&Peer::OnReady>(*loop, -1, static_cast<Peer*>(nullptr));
  REQUIRE_FALSE(event.Want(EPOLLIN));
  REQUIRE_FALSE(event.armed());
}

}  // namespace
}  // namespace quarry::net
