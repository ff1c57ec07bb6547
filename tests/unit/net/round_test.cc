// Turns that several connections have together: of those that ask little and become ready at once.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

constexpr std::string_view kGetWarm = "get warm\r\n";
constexpr std::string_view kWarm = "VALUE warm 0 1\r\nw\r\nEND\r\n";

/// Keeps the lock of the shard where `key` is, from construction to Release: who asks for such a
/// key meanwhile waits.
class HeldShard {
 public:
  HeldShard(core::Engine& engine, const std::string& key) {
    thread_ = std::thread([this, &engine, key] {
      const Clock clock;
      engine.Get(engine.MakeKey(key), {}, clock.Now(),
                 [this](const core::Fetched&, const core::Pin&) { Hold(); });
    });
    std::unique_lock lock(mutex_);
    const bool is_held =
        changed_.wait_for(lock, std::chrono::seconds(10), [this] { return held_; });
    lock.unlock();
    REQUIRE(is_held);
  }
  ~HeldShard() { Release(); }
  HeldShard(const HeldShard&) = delete;
  HeldShard& operator=(const HeldShard&) = delete;

  void Release() {
    {
      const std::lock_guard lock(mutex_);
      released_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  void Hold() {
    std::unique_lock lock(mutex_);
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool released_ = false;
  std::thread thread_;
};

RunningServer::Settings OneWorker() {
  RunningServer::Settings settings = RunningServer::Defaults();
  settings.server.worker_count = 1;
  settings.engine.shard_count = 2;
  settings.engine.max_item_bytes = 2 << 20;
  return settings;
}

/// A server whose worker can be made to wait while clients send.
struct Fixture {
  Fixture() : server(OneWorker()), blocker(server.port()) {
    REQUIRE(blocker.Answers("set warm 0 0 1\r\nw\r\n", "STORED\r\n"));
    blocked_key = KeyOfShard(0);
    other_key = KeyOfShard(1);
    for (const std::string& key : {blocked_key, other_key}) {
      REQUIRE(blocker.Answers("set " + key + " 0 0 1\r\nv\r\n", "STORED\r\n"));
    }
  }

  std::string KeyOfShard(uint64_t shard) {
    for (int i = 0;; ++i) {
      std::string key = "key" + std::to_string(i);
      if ((server.engine().MakeKey(key).hash >> 58 & 1) == shard) {
        return key;
      }
    }
  }

  /// A client that has asked for little, as one must have to be served together with others.
  std::unique_ptr<Client> NewClient(int receive_buffer_bytes = 0) {
    auto client = std::make_unique<Client>(server.port(), receive_buffer_bytes);
    REQUIRE(client->Answers(kGetWarm, kWarm));
    return client;
  }

  /// Has what `send` sends arrive while the worker waits: then all of it is there at once.
  void WhileBlocked(const std::function<void()>& send) {
    HeldShard held(server.engine(), blocked_key);
    const std::string get = "get " + blocked_key + "\r\n";
    const uint64_t expected_bytes = server.bytes_read() + get.size();
    blocker.Send(get);
    REQUIRE(Eventually([&] { return server.bytes_read() == expected_bytes; }));
    send();
    held.Release();
    REQUIRE(blocker.Answers({}, Found(blocked_key)));
  }

  static std::string Found(const std::string& key) {
    return "VALUE " + key + " 0 1\r\nv\r\nEND\r\n";
  }

  RunningServer server;
  Client blocker;
  std::string blocked_key;
  std::string other_key;
};

TEST_CASE_METHOD(Fixture,
                 "What has come from several clients is read before any of it is executed") {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(NewClient());
  }
  const std::string get = "get " + other_key + "\r\n";
  const uint64_t all_bytes = server.bytes_read() + get.size() * (1 + clients.size());
  HeldShard held(server.engine(), other_key);
  WhileBlocked([&] {
    for (const auto& client : clients) {
      client->Send(get);
    }
  });
  // The first of them waits for the shard.
  REQUIRE(Eventually([&] { return server.bytes_read() == all_bytes; }));
  held.Release();
  for (const auto& client : clients) {
    REQUIRE(client->Answers({}, Found(other_key)));
  }
}

std::string Repeated(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    all += text;
  }
  return all;
}

TEST_CASE_METHOD(Fixture, "Whatever comes at once, each client is answered what it asked for") {
  const std::string small(4000, 's');
  const std::string large(100'000, 'l');
  REQUIRE(blocker.Answers("set large 0 0 100000\r\n" + large + "\r\n", "STORED\r\n"));
  REQUIRE(blocker.Answers("set dead 0 -1 1\r\nd\r\n", "STORED\r\n"));
  const std::string set = "set small 0 0 4000\r\n" + small + "\r\n";
  const std::string get_small = "get small\r\n";
  const std::string small_found = "VALUE small 0 4000\r\n" + small + "\r\nEND\r\n";
  struct Part {
    std::string request;
    std::string reply;
    std::string rest = {};
    std::string reply_to_rest = {};
  };
  const std::vector<Part> parts = {
      {std::string(kGetWarm), std::string(kWarm)},
      {"get none\r\n", "END\r\n"},
      {"get dead\r\n", "END\r\n"},
      {"get large\r\n", "VALUE large 0 100000\r\n" + large + "\r\nEND\r\n"},
      {"set number 0 0 1\r\n7\r\nincr number 2\r\n", "STORED\r\n9\r\n"},
      {"ms meta 2 T60 q\r\nab\r\nmg meta v q\r\nmn\r\n", "VA 2\r\nab\r\nMN\r\n"},
      {"delete none\r\n", "NOT_FOUND\r\n"},
      {"bogus\r\n", "ERROR\r\n"},
      {"verbosity 0\r\n", "OK\r\n"},  // never together with others
      {"get wa", "", "rm\r\n", std::string(kWarm)},
      {"set part 0 0 4\r\nab", "", "cd\r\nget part\r\n",
       "STORED\r\nVALUE part 0 4\r\nabcd\r\nEND\r\n"},
      {"set large2 0 0 100000\r\n" + large.substr(0, 500), "", large.substr(500) + "\r\n",
       "STORED\r\n"},
      {Repeated(kGetWarm, 40), Repeated(kWarm, 40)},  // more than a batch
      {Repeated(set, 6), Repeated("STORED\r\n", 6)},  // more than one read
      {set + Repeated(get_small, 20), "STORED\r\n" + Repeated(small_found, 20)},
      {set, "STORED\r\n"},
      {set, "STORED\r\n"},
      {set, "STORED\r\n"},
      {set, "STORED\r\n"},
      {set, "STORED\r\n"},
      {get_small + "get none warm\r\n", small_found + std::string(kWarm)},
      {std::string(kGetWarm), std::string(kWarm)},
  };
  REQUIRE(blocker.Answers(set, "STORED\r\n"));
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < parts.size(); ++i) {
    clients.push_back(NewClient());
  }
  WhileBlocked([&] {
    for (size_t i = 0; i < parts.size(); ++i) {
      clients[i]->Send(parts[i].request);
    }
  });
  for (size_t i = 0; i < parts.size(); ++i) {
    INFO(parts[i].request.substr(0, 40));
    REQUIRE(clients[i]->Read(parts[i].reply.size()) == parts[i].reply);
    REQUIRE(clients[i]->Answers(parts[i].rest, parts[i].reply_to_rest));
    REQUIRE(clients[i]->Answers(kGetWarm, kWarm));
  }
}

TEST_CASE_METHOD(Fixture, "Clients that end do so without the others that came at once") {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(NewClient());
  }
  WhileBlocked([&] {
    clients[0]->Send(kGetWarm);
    clients[1]->Send("quit\r\n");
    clients[2]->Send(kGetWarm);
    clients[2]->FinishSending();
    clients[3]->FinishSending();
    clients[4]->Send(kGetWarm);
    clients[4]->Reset();
    clients[5]->Send(kGetWarm);
  });
  REQUIRE(clients[0]->Answers({}, kWarm));
  REQUIRE(clients[1]->AtEnd());
  REQUIRE(clients[2]->Answers({}, kWarm));
  REQUIRE(clients[2]->AtEnd());
  REQUIRE(clients[3]->AtEnd());
  REQUIRE(clients[5]->Answers({}, kWarm));
  REQUIRE(Eventually([this] { return server.connection_count() == 3; }));
}

TEST_CASE_METHOD(Fixture, "A client that does not read keeps none waiting that came at once") {
  const std::string value(1'500'000, 'v');
  REQUIRE(blocker.Answers("set big 0 0 1500000\r\n" + value + "\r\n", "STORED\r\n"));
  const std::string found = "VALUE big 0 1500000\r\n" + value + "\r\nEND\r\n";
  constexpr int kGets = 8;
  const auto lazy = NewClient(4096);
  const auto other = NewClient();
  WhileBlocked([&] {
    lazy->Send(Repeated("get big\r\n", kGets));
    other->Send(kGetWarm);
  });
  REQUIRE(other->Answers({}, kWarm));
  for (int i = 0; i < kGets; ++i) {
    REQUIRE(lazy->Read(found.size()) == found);
  }
  REQUIRE(lazy->Answers(kGetWarm, kWarm));
}

TEST_CASE_METHOD(Fixture, "What has come at once when the server drains is answered") {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(NewClient());
  }
  WhileBlocked([&] {
    for (const auto& client : clients) {
      client->Send(kGetWarm);
    }
    server.Stop();
  });
  server.End();
  for (const auto& client : clients) {
    REQUIRE(client->Answers({}, kWarm));
    REQUIRE(client->AtEnd());
  }
}

}  // namespace
}  // namespace quarry::net
