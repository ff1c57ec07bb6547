// What is carried out in the loop for plain requests, and where that hands over to the general way.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/strings/str_cat.h>

#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

/// The same request, written as nobody does: a retrieval with two spaces for each, and others,
/// whose values may hold any, for the first.
std::string Unusual(const std::string& request) {
  const bool is_retrieval = request.starts_with("get");
  std::string unusual;
  bool is_first = true;
  for (const char c : request) {
    unusual.append(c == ' ' && (is_first || is_retrieval) ? 2 : 1, c);
    is_first = is_first && c != ' ';
  }
  return unusual;
}

/// Sends `requests` to one server together, and to another one by one, written so that none is
/// plain: both must answer the same.
void RequireOneWay(const std::vector<std::string>& requests,
                   size_t reply_room = 8 * Session::kMinReplyRoom) {
  const core::EngineOptions options{.hash_seed = 1};  // the same shards, and so the same CAS
  Server together(options);
  Server apart(options);
  Client burst(together, reply_room);
  Client single(apart);
  std::string all;
  std::string answers;
  for (const std::string& request : requests) {
    all += request;
    answers += single.Send(Unusual(request));
  }
  REQUIRE(burst.Send(all) == answers);
  for (const std::string_view name : {"cmd_get", "cmd_set", "get_hits", "get_misses", "get_expired",
                                      "get_flushed", "total_items"}) {
    CAPTURE(name);
    const std::string counted = StatOf(burst.Send("stats\r\n"), name);
    REQUIRE_FALSE(counted.empty());
    REQUIRE(counted == StatOf(single.Send("stats\r\n"), name));
  }
}

TEST_CASE("Plain requests among others are answered in their order and as the others are") {
  RequireOneWay({"set a 7 0 1\r\nx\r\n", "get a\r\n", "add a 0 0 1\r\ny\r\n", "get a b a\r\n",
                 "append a 0 0 1\r\nz\r\n", "get a\r\n", "incr a 1\r\n", "set n 0 0 2\r\n41\r\n",
                 "incr n 1\r\n", "get n\r\n", "delete a\r\n", "get a\r\n", "gets b\r\n",
                 "touch n 0\r\n", "gat 100 n\r\n", "get n\r\n"});
}

TEST_CASE("Large values stand between plain requests, also in a place that a plain set has used") {
  const std::string large = Pattern(7000);
  std::vector<std::string> requests;
  for (int round = 0; round < 3; ++round) {
    requests.push_back(Storage("set small 0 0 1", "x"));
    requests.push_back(Storage("set large 0 0 7000", large));
    requests.emplace_back("get small\r\n");
    requests.emplace_back("get large\r\n");
    requests.emplace_back("get small\r\n");
    requests.push_back(Storage("set large 0 0 1", "y"));
    requests.emplace_back("get large\r\n");
  }
  RequireOneWay(requests);
}

TEST_CASE("What has ended or was flushed is a miss among plain gets that hit") {
  RequireOneWay({"set a 0 0 1\r\nx\r\n", "set b 0 -1 1\r\ny\r\n", "get a\r\n", "get b\r\n",
                 "get a\r\n", "flush_all\r\n", "get a\r\n", "set a 0 0 1\r\nz\r\n", "get a\r\n"});
}

TEST_CASE("More plain requests than a batch or the reply buffer holds are all answered") {
  std::vector<std::string> requests;
  for (int i = 0; i < 100; ++i) {
    const std::string key = "key" + std::to_string(i);
    requests.push_back(Storage("set " + key + " 0 0 500", Pattern(500)));
    requests.emplace_back("get " + key + "\r\n");
    requests.push_back("gets " + key + " miss\r\n");
  }
  RequireOneWay(requests);
  RequireOneWay(requests, Session::kMinReplyRoom);
}

TEST_CASE("A line may ask for many keys, and for what is none") {
  std::vector<std::string> requests;
  std::string keys;
  for (int i = 0; i < 100; ++i) {
    const std::string key = "key" + std::to_string(i);
    requests.push_back(Storage("set " + key + " 0 0 10", Pattern(10)));
    keys += " " + key + (i % 3 == 0 ? " miss" : "");
  }
  const std::string longest = absl::StrCat(keys, " ", std::string(250, 'k'));
  const std::string too_long = absl::StrCat(" ", std::string(251, 'k'), keys);
  const std::string many = absl::StrCat(keys, keys, keys, keys);  // answered as the line comes
  for (const std::string& asked : {keys, many, longest, absl::StrCat(keys, too_long),
                                   absl::StrCat(many, too_long), keys + " key1\tkey2 key3"}) {
    requests.push_back("get" + asked + "\r\n");
    requests.push_back("gets" + asked + " \r\n");
    requests.push_back("gat 0" + asked + "\r\n");
    requests.push_back("get" + asked + "\n");
    requests.emplace_back("get key1 key2\r\n");
  }
  RequireOneWay(requests);
  RequireOneWay(requests, Session::kMinReplyRoom);
}

TEST_CASE("A set whose number is cut at the end of what has come is not carried out early") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("set k 0 0 1").empty());
  REQUIRE(client.Send("0\r\n0123456789\r\nget k\r\n") ==
          "STORED\r\n" + ValueBlock("k", "0123456789") + "END\r\n");
}

TEST_CASE("Plain meta gets are answered as others are, whatever the item and the flags") {
  RequireOneWay({"set a 7 0 1\r\nx\r\n",
                 "set t 0 100 2\r\nyz\r\n",
                 "mg a v\r\n",
                 "mg a\r\n",
                 "mg a v k q f c s t\r\n",
                 "mg t t s\r\n",
                 "mg t t v\r\n",
                 "mg miss v\r\n",
                 "mg miss v k\r\n",
                 "mg miss v k q\r\n",
                 "mg a k q\r\n",
                 "mg a v v\r\n",
                 "mg a v vk\r\n",
                 "mg a v !\r\n",
                 "mg a v Oabc k\r\n",
                 "mg a h v\r\n",
                 "mg a h v\r\n",
                 "mg a v \r\n",
                 "mg a l t\r\n",
                 "mn\r\n",
                 "get a\r\n"});
}

TEST_CASE("The marks of stale, won and base64 items show in plain meta gets") {
  RequireOneWay({"ms a 1\r\nx\r\n", "mg a v c\r\n", "md a I T30\r\n", "mg a v t\r\n", "mg a v\r\n",
                 "mg a v k\r\n", "ms a 1\r\ny\r\n", "mg a v k\r\n", "mg new N30 v\r\n",
                 "mg new v\r\n", "ms Zm9v 2 b\r\nhi\r\n", "mg foo v k\r\n", "mg Zm9v b k v\r\n",
                 "mg foo k\r\n"});
}

TEST_CASE("Large and ended items are found by plain meta gets") {
  const std::string large = Pattern(7000);
  RequireOneWay({Storage("set large 3 0 7000", large), "mg large v k f s\r\n", "mg large s\r\n",
                 "set gone 0 -1 1\r\nx\r\n", "mg gone v k\r\n", "mg gone v q\r\n", "mn\r\n",
                 "mg large v\r\n"});
}

/// Sends packets to one server together, and to another one by one, where everything is counted by
/// prefix and so nothing is plain: both must answer the same.
void RequireOneWayOfPackets(const std::vector<Packet>& packets,
                            size_t reply_room = 8 * Session::kMinReplyRoom,
                            bool cas_enabled = true) {
  const core::EngineOptions options{.cas_enabled = cas_enabled, .hash_seed = 1};
  Server together(options);
  Server apart(options);
  REQUIRE(Client(apart).Send("stats detail on\r\n") == "OK\r\n");
  Client burst(together, reply_room);
  Client single(apart);
  std::string all;
  std::string answers;
  for (const Packet& packet : packets) {
    all += RequestBytes(packet);
    answers += single.Send(RequestBytes(packet));
  }
  REQUIRE(burst.Send(all) == answers);
  const std::string counts = Client(together).Send("stats\r\n");
  const std::string other_counts = Client(apart).Send("stats\r\n");
  for (const std::string_view name : {"cmd_get", "cmd_set", "get_hits", "get_misses", "get_expired",
                                      "get_flushed", "total_items"}) {
    CAPTURE(name);
    REQUIRE_FALSE(StatOf(counts, name).empty());
    REQUIRE(StatOf(counts, name) == StatOf(other_counts, name));
  }
}

TEST_CASE("Plain packets among others are answered in their order and as the others are") {
  const std::string store = StoreExtras(7, 100);
  const std::vector<Packet> packets = {{0x01, store, "a", "x", 1},
                                       {0x11, store, "b", "", 2},
                                       {0x00, "", "a", "", 3},
                                       {0x0c, "", "b", "", 4},
                                       {0x09, "", "a", "", 5},
                                       {0x0d, "", "a", "", 6},
                                       {0x09, "", "miss", "", 7},
                                       {0x0d, "", "miss", "", 8},
                                       {0x0a, "", "", "", 9},
                                       {0x00, "", "miss", "", 10},
                                       {0x0c, "", "miss", "", 11},
                                       {0x01, store, "a", "y", 12, 1},
                                       {0x01, store, "a", "y", 13, 99},
                                       {0x0e, "", "a", "z", 14},
                                       {0x0c, "", "a", "", 15},
                                       {0x02, store, "a", "n", 16},
                                       {0x05, CountExtras(1, 5, 0), "n"},
                                       {0x00, "", "n"},
                                       {0x11, StoreExtras(0, 0), "n", "8"},
                                       {0x05, CountExtras(1, 5, 0), "n"},
                                       {0x04, "", "a"},
                                       {0x0c, "", "a"},
                                       {0x08},
                                       {0x0c, "", "b"},
                                       {0x01, store, "b", "1"},
                                       {0x00, "", "b"},
                                       {0x11, store, "b", "2", 20},
                                       {0x11, store, "b", "3", 21, 99},
                                       {0x0c, "", "b", "", 22}};
  RequireOneWayOfPackets(packets);
  RequireOneWayOfPackets(packets, 8 * Session::kMinReplyRoom, false);
}

TEST_CASE(
    "Large and ended items, and more of them than a batch holds, are found by plain packets") {
  std::vector<Packet> packets = {{0x01, StoreExtras(3), "large", Pattern(7000)},
                                 {0x01, StoreExtras(0, 5'000'000), "gone", "x"}};
  for (int i = 0; i < 100; ++i) {
    const std::string key = "key" + std::to_string(i);
    packets.push_back({0x11, StoreExtras(0), key, Pattern(500)});
    packets.push_back({0x0d, "", key});
    packets.push_back({static_cast<uint8_t>(i % 2 == 0 ? 0x0c : 0x0d), "", "gone"});
    if (i % 25 == 0) {
      packets.push_back({0x0c, "", "large"});
      packets.push_back({0x11, StoreExtras(0), "large", Pattern(7000)});
    }
  }
  RequireOneWayOfPackets(packets);
  RequireOneWayOfPackets(packets, Session::kMinReplyRoom);
}

TEST_CASE("A plain packet that finds no memory says so, quiet or not") {
  Server server({.memory_bytes = 8 << 20, .evict = false});
  Client client(server);
  const std::string value = Pattern(4000);
  std::string reply;
  for (int i = 0; i < 10'000 && reply.empty(); ++i) {
    reply = client.Send(RequestBytes({0x11, StoreExtras(0), "key" + std::to_string(i), value, 9}));
  }
  REQUIRE(reply.substr(0, 1) == "\x81");
  REQUIRE(reply.substr(6, 2) == Big(0x82, 2));
  REQUIRE(reply.substr(12, 4) == Big(9, 4));
}

TEST_CASE("Plain requests are told to those who watch") {
  Server server;
  Client watcher(server);
  Client client(server);
  REQUIRE(watcher.Send("watch fetchers mutations\r\n") == "OK\r\n");
  REQUIRE(client.Send("set k 0 0 1\r\nx\r\nget k\r\nget miss\r\nmg k s\r\n") ==
          "STORED\r\n" + ValueBlock("k", "x") + "END\r\nEND\r\nHD s1\r\n");
  server.context().event_log.Collect();
  const std::string told = watcher.Resume();
  REQUIRE(told.find("type=item_store key=k") != std::string::npos);
  REQUIRE(told.find("type=item_get key=k status=found") != std::string::npos);
  REQUIRE(told.find("type=item_get key=miss status=not_found") != std::string::npos);
}

}  // namespace
}  // namespace quarry::command
