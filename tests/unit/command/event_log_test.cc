#include "daemon/command/event_log.h"

#include <array>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

std::string Taken(Watcher& watcher, size_t room = 4096) {
  std::string text(room, '\0');
  text.resize(watcher.Take(text));
  return text;
}

TEST_CASE("A ring hands on the lines in their order, wrapped around its end as well") {
  EventRing ring(1000);
  uint64_t next_written = 1;
  uint64_t next_read = 1;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 7; ++i) {
      ring.Write(kFetches, next_written, "line " + std::to_string(next_written));
      ++next_written;
    }
    ring.Drain([&next_read](const EventHeader& header, std::string_view line) {
      REQUIRE(header.event_class == kFetches);
      REQUIRE(header.number == next_read);
      REQUIRE(line == "line " + std::to_string(next_read));
      ++next_read;
    });
  }
  REQUIRE(next_read == next_written);
  REQUIRE(ring.written_lines() == 350);
  REQUIRE(ring.dropped_lines() == 0);
}

TEST_CASE("A full ring drops lines, and takes them again once it was drained") {
  EventRing ring(256);
  for (int i = 0; i < 100; ++i) {
    ring.Write(kFetches, 1, "0123456789");
  }
  REQUIRE(ring.written_lines() > 5);
  REQUIRE(ring.written_lines() + ring.dropped_lines() == 100);
  uint64_t drained = 0;
  const auto count = [&drained](const EventHeader&, std::string_view) {
    ++drained;
  };
  ring.Drain(count);
  REQUIRE(drained == ring.written_lines());
  ring.Write(kFetches, 2, "more");
  ring.Drain(count);
  REQUIRE(drained == ring.written_lines());
}

TEST_CASE("Several threads write to one ring while another drains it: lines are whole or dropped") {
  constexpr uint64_t kLines = 20'000;
  EventRing ring(4096);
  std::atomic<int> running{3};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&ring, &running, writer] {
      const std::string line(static_cast<size_t>(10 + writer), static_cast<char>('a' + writer));
      for (uint64_t i = 0; i < kLines; ++i) {
        ring.Write(static_cast<uint32_t>(writer), i, line);
      }
      --running;
    });
  }
  uint64_t drained = 0;
  bool whole = true;
  const auto check = [&](const EventHeader& header, std::string_view line) {
    const auto letter = static_cast<char>('a' + static_cast<int>(header.event_class));
    whole = whole && line == std::string(10 + header.event_class, letter);
    ++drained;
  };
  while (running > 0) {
    ring.Drain(check);
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  ring.Drain(check);
  REQUIRE(whole);
  REQUIRE(drained == ring.written_lines());
  REQUIRE(ring.written_lines() + ring.dropped_lines() == 3 * kLines);
}

TEST_CASE("A watcher gives its lines in pieces of any size") {
  Watcher watcher(kFetches, 0, 1000, nullptr);
  REQUIRE(watcher.Offer("first\n"));
  REQUIRE(Taken(watcher, 3) == "fir");
  REQUIRE(watcher.Offer("second\n"));
  REQUIRE(Taken(watcher) == "st\nsecond\n");
  REQUIRE(Taken(watcher).empty());
}

TEST_CASE("A full watcher skips lines and tells how many") {
  Watcher watcher(kFetches, 0, 30, nullptr);
  REQUIRE(watcher.Offer("0123456789012345678\n"));
  REQUIRE_FALSE(watcher.Offer("0123456789012345678\n"));
  REQUIRE_FALSE(watcher.Offer("0123456789012345678\n"));
  REQUIRE(Taken(watcher) == "0123456789012345678\n");
  REQUIRE(watcher.Offer("next\n"));
  REQUIRE(Taken(watcher) == "skipped=2\nnext\n");
}

TEST_CASE("A watcher wakes who found nothing, once, and nobody after its end") {
  int wakes = 0;
  Watcher watcher(kFetches, 0, 1000, [&wakes] { ++wakes; });
  REQUIRE(watcher.Offer("line\n"));
  REQUIRE(wakes == 0);
  Taken(watcher);
  REQUIRE(Taken(watcher).empty());
  REQUIRE(watcher.Offer("line\n"));
  REQUIRE(watcher.Offer("line\n"));
  REQUIRE(wakes == 1);
  Taken(watcher);
  REQUIRE(Taken(watcher).empty());
  watcher.Close();
  REQUIRE(watcher.Offer("line\n"));
  REQUIRE(wakes == 1);
}

TEST_CASE("A line is text whatever its key, and has room for the longest") {
  EventLine line(7, "item_get");
  line.Key(std::string(250, '\n')).Word("status", "found").Number("ttl", -1).Number("size", 5);
  const std::string text(line.Finish());
  std::string key;
  for (int i = 0; i < 250; ++i) {
    key += "%0A";
  }
  REQUIRE(std::regex_match(text, std::regex("ts=\\d+\\.\\d{6} gid=7 type=item_get key=" + key +
                                            " status=found ttl=-1 size=5\n")));
  EventLine long_line(7, "x");
  long_line.Raw(std::string(5000, 'y'));
  REQUIRE(long_line.Finish().size() == EventRing::kMaxLineBytes);
}

TEST_CASE("A watcher sees what happens after it came, of its classes") {
  EventLog log;
  EventRing& ring = log.AddRing();
  const auto tell = [&log, &ring](EventClass event_class, std::string_view type) {
    EventLine line = log.NewLine(type);
    EventLog::Write(ring, event_class, line);
  };
  int begun = 0;
  log.OnFirstWatcher([&begun] { ++begun; });
  tell(kFetches, "before");
  const auto watcher = log.AddWatcher(kFetches | kDeletions, nullptr);
  const auto other = log.AddWatcher(kMutations, nullptr);
  REQUIRE(begun == 1);
  REQUIRE(log.watched_classes() == (kFetches | kDeletions | kMutations));
  tell(kFetches, "fetch");
  tell(kMutations, "mutation");
  tell(kDeletions, "deletion");
  log.Collect();
  const std::string text = Taken(*watcher);
  REQUIRE(text.find("before") == std::string::npos);
  REQUIRE(text.find("mutation") == std::string::npos);
  REQUIRE(text.find("type=fetch\n") < text.find("type=deletion\n"));
  REQUIRE(Taken(*other).find("type=mutation\n") != std::string::npos);
  REQUIRE(log.totals().worker_written == 4);
  REQUIRE(log.totals().watcher_sent == 3);

  log.RemoveWatcher(watcher);
  REQUIRE(log.watched_classes() == kMutations);
  log.RemoveWatcher(other);
  REQUIRE_FALSE(log.has_watchers());
  log.ResetTotals();
  REQUIRE(log.totals().worker_written == 0);
}

TEST_CASE("A session that watches is sent what happens, and wakes for it") {
  Server server;
  Client watching(server);
  Client client(server);
  REQUIRE(watching.Send("watch mutations\r\nget ignored\r\n") == "OK\r\n");
  REQUIRE(watching.waiting());
  client.Send("set a 0 0 1\r\nx\r\n");
  server.context().event_log.Collect();
  REQUIRE(watching.wake_count() == 1);
  const std::string line = watching.Resume();
  REQUIRE(line.find("type=item_store key=a status=stored cmd=set ttl=0 clsid=") !=
          std::string::npos);
  REQUIRE(watching.waiting());
  REQUIRE(watching.Send("set b 0 0 1\r\nx\r\n").empty());
  REQUIRE(client.Send("get b\r\n") == "END\r\n");
}

TEST_CASE("Requests are observed only while somebody watches or counts") {
  Server server;
  Client client(server);
  REQUIRE_FALSE(server.executor().observer().IsWanted());
  {
    Client watching(server);
    watching.Send("watch\r\n");
    REQUIRE(server.executor().observer().IsWanted());
  }
  REQUIRE_FALSE(server.executor().observer().IsWanted());
  client.Send("stats detail on\r\n");
  REQUIRE(server.executor().observer().IsWanted());
  client.Send("stats detail off\r\n");
  REQUIRE_FALSE(server.executor().observer().IsWanted());
}

}  // namespace
}  // namespace quarry::command
