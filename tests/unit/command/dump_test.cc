#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/command/item_dump.h"
#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

void Fill(Client& client, int count) {
  for (int i = 0; i < count; ++i) {
    client.Send(Storage("set key" + std::to_string(i) + " 0 0 5 noreply", "value"));
  }
}

/// The lines of a reply, each without its end.
std::vector<std::string> Lines(const std::string& reply) {
  std::vector<std::string> lines;
  std::istringstream stream(reply);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line.substr(0, line.find('\r')));
  }
  return lines;
}

std::string ClassOf(Client& client, const std::string& key) {
  const std::string inspection = client.Send("me " + key + "\r\n");
  const size_t begin = inspection.find("cls=") + 4;
  return inspection.substr(begin, inspection.find(' ', begin) - begin);
}

TEST_CASE("metadump lists every item once, between OK and END") {
  Server server;
  Client client(server);
  Fill(client, 5000);
  for (const std::string classes : {"all", "hash"}) {
    const auto lines = Lines(client.Send("lru_crawler metadump " + classes + "\r\n"));
    REQUIRE(lines.size() == 5002);
    REQUIRE(lines.front() == "OK");
    REQUIRE(lines.back() == "END");
    std::set<std::string> keys;
    for (size_t i = 1; i + 1 < lines.size(); ++i) {
      REQUIRE(lines[i].starts_with("key=key"));
      keys.insert(lines[i].substr(0, lines[i].find(' ')));
    }
    REQUIRE(keys.size() == 5000);
  }
  REQUIRE(client.Send("mn\r\n") == "MN\r\n");
}

TEST_CASE("metadump tells what me tells") {
  Server server;
  Client client(server);
  client.Send("ms a 5 F7 T100 E99\r\nvalue\r\nget a\r\n");
  const std::string line = Lines(client.Send("lru_crawler metadump all\r\n"))[1];
  const auto unix_now = server.clock().UnixNow();
  const auto number = [&line](const std::string& name) {
    return std::stoll(line.substr(line.find(name + "=") + name.size() + 1));
  };
  REQUIRE(std::abs(number("exp") - (unix_now + 100)) <= 2);
  REQUIRE(std::abs(number("la") - unix_now) <= 2);
  const std::string rest = " cas=99 fetch=yes cls=" + ClassOf(client, "a") + " size=65 flags=7 ";
  REQUIRE(line.ends_with(rest));
}

TEST_CASE("metadump tells the same end of an item at any time, and the one that was asked for") {
  Server server;
  Client client(server);
  const auto begin = server.clock().UnixNow();
  const std::string end = std::to_string(begin + 3'000'000);
  client.Send("set a 0 " + end + " 1\r\nx\r\n");
  while (server.clock().UnixNow() < begin + 2) {  // through every part of a second
    const std::string line = Lines(client.Send("lru_crawler metadump all\r\n"))[1];
    REQUIRE(line.starts_with("key=a exp=" + end + " la="));
  }
}

TEST_CASE("mgdump lists requests, which a client can send") {
  Server server;
  Client client(server);
  client.Send("set plain 0 0 1\r\nx\r\nms AAEC 1 b\r\ny\r\n");
  auto lines = Lines(client.Send("lru_crawler mgdump hash\r\n"));
  REQUIRE(lines.front() == "OK");
  REQUIRE(lines.back() == "EN");
  std::sort(lines.begin() + 1, lines.end() - 1);
  REQUIRE(lines[1] == "mg AAEC b");
  REQUIRE(lines[2] == "mg plain");
  REQUIRE(client.Send(lines[1] + " v\r\n") == "VA 1\r\ny\r\n");
}

TEST_CASE("A dump of some classes lists their items alone") {
  Server server;
  Client client(server);
  Fill(client, 100);
  client.Send(Storage("set other 0 0 1000", Pattern(1000)));
  const std::string small = ClassOf(client, "key0");
  const std::string other = ClassOf(client, "other");
  REQUIRE(Lines(client.Send("lru_crawler metadump " + other + "\r\n")).size() == 3);
  REQUIRE(Lines(client.Send("lru_crawler mgdump " + small + "\r\n")).size() == 102);
  REQUIRE(Lines(client.Send("lru_crawler mgdump " + small + "," + other + "\r\n")).size() == 103);
}

TEST_CASE("What cannot be dumped") {
  Server server;
  Client client(server);
  for (const std::string dump : {"metadump", "mgdump"}) {
    const std::string line = "lru_crawler " + dump + " ";
    REQUIRE(client.Send(line + "all\r\n") == "NOTSTARTED no items to crawl\r\n");
    REQUIRE(client.Send(line + "0\r\n") == "BADCLASS invalid class id\r\n");
    REQUIRE(client.Send(line + "x\r\n") == "BADCLASS invalid class id\r\n");
    REQUIRE(client.Send(line + "\r\n") == "ERROR\r\n");
    REQUIRE(client.Send("mn\r\n" + line + "hash\r\n") ==
            "MN\r\nERROR cannot pipeline other commands before " + dump + "\r\n");
    server.engine().crawler().SetEnabled(false);
    REQUIRE(client.Send(line + "hash\r\n") == "CLIENT_ERROR lru crawler disabled\r\n");
    server.engine().crawler().SetEnabled(true);
  }
  REQUIRE(client.Send("lru_crawler metadump hash\r\n") == "OK\r\nEND\r\n");
  REQUIRE(client.Send("lru_crawler mgdump hash\r\n") == "OK\r\nEN\r\n");
}

TEST_CASE("Keys are not listed where that is forbidden") {
  Server server;
  Client client(server);
  server.context().dump_enabled = false;
  REQUIRE(client.Send("lru_crawler metadump all\r\n") == "ERROR metadump not allowed\r\n");
  REQUIRE(client.Send("lru_crawler mgdump all\r\n") == "ERROR key dump not allowed\r\n");
  REQUIRE(client.Send("stats cachedump 1 0\r\n") == "CLIENT_ERROR stats cachedump not allowed\r\n");
}

TEST_CASE("What follows a dump is carried out after it") {
  Server server;
  Client client(server);
  Fill(client, 3000);
  const std::string reply = client.Send("lru_crawler mgdump all\r\nget key0\r\nmn\r\n");
  REQUIRE(reply.ends_with("EN\r\nVALUE key0 0 5\r\nvalue\r\nEND\r\nMN\r\n"));
  REQUIRE(client.session().idle());
}

TEST_CASE("stats cachedump lists the items of one class up to a limit") {
  Server server;
  Client client(server);
  Fill(client, 50);
  client.Send("set ending 0 100 5\r\nvalue\r\n");
  client.Send(Storage("set other 0 0 1000", Pattern(1000)));
  const std::string class_id = ClassOf(client, "key0");
  const auto dump = [&client](const std::string& arguments) {
    return Lines(client.Send("stats cachedump " + arguments + "\r\n"));
  };
  REQUIRE(dump(class_id + " 0").size() == 51);
  REQUIRE(dump(class_id + " 7").size() == 8);
  REQUIRE(dump(class_id + " 0").back() == "END");
  REQUIRE(dump(class_id + " 1")[0].ends_with(" [5 b; 0 s]"));
  REQUIRE(dump(ClassOf(client, "other") + " 0")[0] == "ITEM other [1000 b; 0 s]");
  const std::string ending = dump(ClassOf(client, "ending") + " 0")[0];
  REQUIRE(ending.starts_with("ITEM ending [5 b; "));
  REQUIRE(dump("0 0") == std::vector<std::string>{"END"});
}

TEST_CASE("What stats cachedump does not take") {
  Server server;
  Client client(server);
  for (const std::string arguments : {"", " 1"}) {
    REQUIRE(client.Send("stats cachedump" + arguments + "\r\n") ==
            "CLIENT_ERROR bad command line\r\n");
  }
  for (const std::string arguments : {"x 1", "1 x", "-1 1"}) {
    REQUIRE(client.Send("stats cachedump " + arguments + "\r\n") ==
            "CLIENT_ERROR bad command line format\r\n");
  }
  REQUIRE(client.Send("stats cachedump 1000 1\r\n") == "CLIENT_ERROR Illegal slab id\r\n");
}

TEST_CASE("stats sizes counts the items of each size where that is asked for") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\nset b 0 0 2\r\nxx\r\n");  // 61 and 62 bytes
  client.Send(Storage("set c 0 0 1000", Pattern(1000)));     // 1060
  REQUIRE(client.Send("stats sizes\r\n") == "STAT sizes_status disabled\r\nEND\r\n");
  server.context().track_sizes = true;
  REQUIRE(client.Send("stats sizes\r\n") == "STAT 64 2\r\nSTAT 1088 1\r\nEND\r\n");
}

TEST_CASE("stats sizes is refused while several clients are counted for") {
  Server server;
  server.context().track_sizes = true;
  std::array<char, Session::kMinReplyRoom> scratch = {};
  ReplyBuffer replies(scratch);
  Client client(server);
  Fill(client, 5000);  // more than one turn counts
  const std::string sizes = "STAT 96 5000\r\nEND\r\n";
  {
    std::deque<Session> others;
    for (uint32_t i = 0; i < SizeHistogram::kMaxAtOnce; ++i) {
      REQUIRE(client.Send("stats sizes\r\n") == sizes);
      Session& other = others.emplace_back(server.executor());
      REQUIRE(other.Consume("stats sizes\r\n", replies).next == Session::Next::kYield);
    }
    REQUIRE(client.Send("stats sizes\r\n") == "SERVER_ERROR out of memory writing stats\r\n");
  }
  REQUIRE(client.Send("stats sizes\r\n") == sizes);
}

TEST_CASE("Where items can be large, stats sizes counts for one client at a time") {
  Server server({.memory_bytes = uint64_t{100} << 20, .max_item_bytes = uint64_t{50} << 20});
  server.context().track_sizes = true;
  std::array<char, Session::kMinReplyRoom> scratch = {};
  ReplyBuffer replies(scratch);
  Client client(server);
  Fill(client, 5000);  // more than one turn counts
  {
    Session other(server.executor());
    REQUIRE(other.Consume("stats sizes\r\n", replies).next == Session::Next::kYield);
    REQUIRE(client.Send("stats sizes\r\n") == "SERVER_ERROR out of memory writing stats\r\n");
  }
  REQUIRE(client.Send("stats sizes\r\n") == "STAT 96 5000\r\nEND\r\n");
}

}  // namespace
}  // namespace quarry::command
