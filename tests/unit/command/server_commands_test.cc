#include <string>

#include "tests/support/catch.h"
#include "tests/unit/command/conversation.h"

namespace quarry::command {
namespace {

/// One listener and one connection.
class FakeDirectory final : public ConnectionDirectory {
 public:
  std::vector<ConnectionInfo> ListConnections() const override {
    return {{.descriptor = 20,
             .address = "tcp:127.0.0.1:11211",
             .listen_address = "",
             .state = "conn_listening"},
            {.descriptor = 31,
             .address = "tcp:127.0.0.1:50000",
             .listen_address = "tcp:127.0.0.1:11211",
             .state = "conn_read",
             .idle_sec = 4}};
  }
};

TEST_CASE("version tells the level of compatibility") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("version\r\n") == "VERSION 1.6.45\r\n");
  REQUIRE(client.Send("version foo\r\n") == "VERSION 1.6.45\r\n");
}

TEST_CASE("verbosity is set and capped") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("verbosity 1\r\n") == "OK\r\n");
  REQUIRE(server.context().verbosity == 1);
  REQUIRE(client.Send("verbosity 7\r\n") == "OK\r\n");
  REQUIRE(server.context().verbosity == 2);
  REQUIRE(client.Send("verbosity x\r\n") == "CLIENT_ERROR bad command line format\r\n");
  REQUIRE(client.Send("verbosity\r\n") == "CLIENT_ERROR bad command line format\r\n");
}

TEST_CASE("cache_memlimit changes the memory limit within its bounds") {
  Server server;
  Client client(server);
  const uint64_t limit_mb = server.engine().memory_limit() >> 20;
  REQUIRE(client.Send("cache_memlimit 7\r\n") ==
          "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n");
  REQUIRE(client.Send("cache_memlimit 1000000001\r\n") ==
          "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n");
  REQUIRE(client.Send("cache_memlimit 1000000000\r\n") ==
          "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n");
  REQUIRE(server.engine().memory_limit() == limit_mb << 20);
  REQUIRE(client.Send("cache_memlimit " + std::to_string(limit_mb - 1) + "\r\n") == "OK\r\n");
  REQUIRE(server.engine().memory_limit() == (limit_mb - 1) << 20);
  REQUIRE(client.Send("cache_memlimit " + std::to_string(limit_mb) + " noreply\r\n").empty());
  REQUIRE(server.engine().memory_limit() == limit_mb << 20);
}

TEST_CASE("lru mode chooses between plain and segmented LRU") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("lru mode flat\r\n") == "OK\r\n");
  REQUIRE(server.engine().flat_lru());
  REQUIRE(client.Send("lru mode segmented\r\n") == "OK\r\n");
  REQUIRE_FALSE(server.engine().flat_lru());
  for (const char* line : {"lru", "lru mode", "lru mode round", "lru tune"}) {
    REQUIRE(client.Send(line + std::string("\r\n")) == "ERROR\r\n");
  }
}

TEST_CASE("lru temp_ttl sets how short a life is temporary, or that none is") {
  Server server;
  Client client(server);
  server.context().settings = {{"temp_lru", "no"}, {"temporary_ttl", "0"}};
  const std::string off = "STAT temp_lru no\r\nSTAT temporary_ttl 0\r\nEND\r\n";
  REQUIRE(client.Send("stats settings\r\n") == off);
  REQUIRE(client.Send("lru temp_ttl 61\r\n") == "OK\r\n");
  REQUIRE(server.engine().temporary_ttl_sec() == 61U);
  REQUIRE(client.Send("stats settings\r\n") ==
          "STAT temp_lru yes\r\nSTAT temporary_ttl 61\r\nEND\r\n");
  REQUIRE(client.Send("lru temp_ttl\r\nlru temp_ttl x\r\n") == "ERROR\r\nERROR\r\n");
  REQUIRE(client.Send("lru temp_ttl -1\r\nstats settings\r\n") == "OK\r\n" + off);
}

TEST_CASE("lru tune is checked, kept and shown") {
  Server server;
  Client client(server);
  server.context().settings = {
      {"hot_lru_pct", ""}, {"warm_lru_pct", ""}, {"hot_max_factor", ""}, {"warm_max_factor", ""}};
  REQUIRE(client.Send("lru tune 10 70 0.1 2.5\r\nstats settings\r\n") ==
          "OK\r\nSTAT hot_lru_pct 10\r\nSTAT warm_lru_pct 70\r\nSTAT hot_max_factor 0.10\r\n"
          "STAT warm_max_factor 2.50\r\nEND\r\n");
  REQUIRE(client.Send("lru tune 41 40 0.1 2\r\n") ==
          "ERROR hot and warm pcts must not exceed 80\r\n");
  REQUIRE(client.Send("lru tune 10 20 0 2\r\nlru tune 10 20 1 0.0\r\n") ==
          "ERROR hot/warm age factors must be greater than 0\r\n"
          "ERROR hot/warm age factors must be greater than 0\r\n");
  for (const char* fields : {"", "10 20 1", "10 20 1 x", "-1 20 1 2", "10 20 1 2 3"}) {
    CAPTURE(fields);
    REQUIRE(client.Send(std::string("lru tune ") + fields + "\r\n") == "ERROR\r\n");
  }
  REQUIRE(server.context().lru_tuning.hot_percent == 10);
}

TEST_CASE("slabs automove switches the engine's rebalancing") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("slabs automove 0\r\n") == "OK\r\n");
  REQUIRE_FALSE(server.engine().rebalancing());
  REQUIRE(client.Send("slabs automove 2\r\n") == "OK\r\n");
  REQUIRE(server.engine().rebalancing());
  REQUIRE(client.Send("slabs automove 0\r\nslabs automove ratio 0\r\nslabs automove 1\r\n") ==
          "OK\r\nERROR\r\nOK\r\n");
  REQUIRE(server.engine().rebalancing());
}

TEST_CASE("slabs reassign knows the classes that own pages") {
  Server server;
  Client client(server);
  const auto class_count = server.engine().slab_classes().slab_class_count();
  const std::string last = std::to_string(class_count);
  const std::string large = std::to_string(class_count + 1);
  REQUIRE(client.Send("slabs reassign " + last + " 1\r\n") ==
          "NOSPARE source class has no spare pages\r\n");
  REQUIRE(client.Send("slabs reassign " + large + " 1\r\n") ==
          "BADCLASS invalid src or dst class id\r\n");
  REQUIRE(client.Send("slabs reassign 1 " + large + "\r\n") ==
          "BADCLASS invalid src or dst class id\r\n");
  REQUIRE(client.Send("slabs reassign 1 1\r\n") == "SAME src and dst class are identical\r\n");
}

TEST_CASE("lru_crawler is switched, paced, and started for classes that hold items") {
  Server server;
  Client client(server);
  core::Crawler& crawler = server.engine().crawler();
  REQUIRE(client.Send("lru_crawler crawl all\r\n") == "NOTSTARTED no items to crawl\r\n");
  REQUIRE(client.Send("lru_crawler enable\r\n") == "ERROR failed to start lru crawler thread\r\n");
  REQUIRE(client.Send("lru_crawler sleep 250\r\nlru_crawler tocrawl 9\r\n") == "OK\r\nOK\r\n");
  REQUIRE(crawler.pause_us() == 250);
  REQUIRE(crawler.item_limit() == 9);

  REQUIRE(client.Send("set k 0 0 1\r\nv\r\n") == "STORED\r\n");
  const std::string class_count = std::to_string(server.engine().class_count());
  for (const std::string classes : {"0", "1,", ",1", "x", "1,-1", "4294967297", "All"}) {
    CAPTURE(classes);
    REQUIRE(client.Send("lru_crawler crawl " + classes + "\r\n") ==
            "BADCLASS invalid class id\r\n");
  }
  REQUIRE(client.Send("lru_crawler crawl " + class_count + "\r\n") ==
          "NOTSTARTED no items to crawl\r\n");
  REQUIRE(client.Send("lru_crawler crawl all\r\n") == "OK\r\n");
  REQUIRE(client.Send("lru_crawler crawl 1\r\n") ==
          "BUSY currently processing crawler request\r\n");
  REQUIRE(crawler.running());

  REQUIRE(client.Send("lru_crawler disable\r\n") == "OK\r\n");
  REQUIRE_FALSE(crawler.running());
  REQUIRE(client.Send("lru_crawler crawl all\r\n") == "CLIENT_ERROR lru crawler disabled\r\n");
  REQUIRE(client.Send("lru_crawler enable\r\n") == "OK\r\n");
  REQUIRE(client.Send("lru_crawler crawl all\r\n") == "OK\r\n");
}

TEST_CASE("shutdown is off") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("shutdown\r\n") == "SERVER_ERROR: shutdown not enabled\r\n");
  REQUIRE_FALSE(client.closed());
}

TEST_CASE("shutdown ends the server where it is allowed") {
  Server server;
  Client client(server);
  int asked = 0;
  server.context().shut_down = [&asked] {
    ++asked;
  };
  REQUIRE(client.Send("shutdown now\r\n") == "CLIENT_ERROR invalid shutdown mode\r\n");
  REQUIRE(asked == 0);
  REQUIRE(client.Send("shutdown\r\n").empty());
  REQUIRE(asked == 1);
  REQUIRE(client.Send("shutdown graceful\r\n").empty());
  REQUIRE(asked == 2);
}

TEST_CASE("flush_all is counted and refused where it is not allowed") {
  Server server;
  Client client(server);
  server.context().flush_enabled = false;
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("flush_all\r\nflush_all 5\r\nflush_all noreply\r\n") ==
          "CLIENT_ERROR flush_all not allowed\r\nCLIENT_ERROR flush_all not allowed\r\n");
  REQUIRE(client.Send("get a\r\n") == "VALUE a 0 1\r\nx\r\nEND\r\n");
  REQUIRE(StatOf(client.Send("stats\r\n"), "cmd_flush") == "3");
}

TEST_CASE("flush_all drops what was stored before it and nothing stored after it") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  client.Send(Storage("set big 0 0 20000", Pattern(20000)));
  REQUIRE(client.Send("flush_all\r\nset b 0 0 1\r\ny\r\nget a b big\r\n") ==
          "OK\r\nSTORED\r\nVALUE b 0 1\r\ny\r\nEND\r\n");
  REQUIRE(client.Send("flush_all -1\r\nget b\r\n") == "OK\r\nEND\r\n");
  REQUIRE(client.Send("flush_all 0 noreply\r\nflush_all noreply\r\n").empty());
  REQUIRE(client.Send("flush_all x\r\n") == "CLIENT_ERROR invalid exptime argument\r\n");
}

TEST_CASE("flush_all with a delay is never early") {
  Server server;
  Client client(server);
  client.Send("set a 0 0 1\r\nx\r\n");
  REQUIRE(client.Send("flush_all 100\r\nget a\r\n") == "OK\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
}

TEST_CASE("stats counts what was done") {
  Server server;
  Client client(server);
  client.Send(
      "set a 0 0 1\r\n1\r\nset b 0 0 1\r\nx\r\nget a b c\r\nincr a 1\r\nincr c 1\r\ndecr a 1\r\n"
      "delete b\r\ndelete b\r\ntouch a 0\r\ntouch c 0\r\nme a\r\ncas a 0 0 1 1\r\nx\r\n"
      "cas c 0 0 1 1\r\nx\r\nset z 0 0 2000000\r\n" +
      std::string(2000002, 'x'));
  const std::string stats = client.Send("stats\r\n");
  REQUIRE(StatOf(stats, "version") == "1.6.45");
  REQUIRE(StatOf(stats, "product") == "quarry");
  REQUIRE_FALSE(StatOf(stats, "product_version").empty());
  REQUIRE(StatOf(stats, "pointer_size") == std::to_string(8 * sizeof(void*)));
  REQUIRE(StatOf(stats, "cmd_get") == "3");
  REQUIRE(StatOf(stats, "get_hits") == "2");
  REQUIRE(StatOf(stats, "get_misses") == "1");
  REQUIRE(StatOf(stats, "cmd_touch") == "2");
  REQUIRE(StatOf(stats, "touch_hits") == "1");
  REQUIRE(StatOf(stats, "touch_misses") == "1");
  REQUIRE(StatOf(stats, "cmd_meta") == "1");
  REQUIRE(StatOf(stats, "incr_hits") == "1");
  REQUIRE(StatOf(stats, "incr_misses") == "1");
  REQUIRE(StatOf(stats, "decr_hits") == "1");
  REQUIRE(StatOf(stats, "delete_hits") == "1");
  REQUIRE(StatOf(stats, "delete_misses") == "1");
  REQUIRE(StatOf(stats, "cas_badval") == "1");
  REQUIRE(StatOf(stats, "cas_misses") == "1");
  REQUIRE(StatOf(stats, "store_too_large") == "1");
  REQUIRE(StatOf(stats, "curr_items") == "1");
  REQUIRE(StatOf(stats, "bytes") == "22");
  REQUIRE(StatOf(stats, "threads") == "1");
  REQUIRE(StatOf(stats, "limit_maxbytes") == "67108864");
  REQUIRE(StatOf(stats, "malloc_fails") == "0");
  REQUIRE(StatOf(stats, "rusage_user").find('.') == StatOf(stats, "rusage_user").size() - 7);
  REQUIRE(stats.substr(stats.size() - 5) == "END\r\n");
}

TEST_CASE("stats reset zeroes counters and leaves gauges alone") {
  Server server;
  Client client(server);
  server.context().connections.total = 5;
  server.context().connections.current = 2;
  server.context().workers[0].bytes_read = 1000;
  client.Send("set a 0 0 1\r\n1\r\nget a\r\nflush_all 100\r\nme a\r\n");
  REQUIRE(StatOf(client.Send("stats\r\n"), "bytes_read") == "1000");
  REQUIRE(client.Send("stats reset\r\n") == "RESET\r\n");
  const std::string stats = client.Send("stats\r\n");
  for (const std::string name : {"cmd_get", "get_hits", "cmd_set", "cmd_flush", "cmd_meta",
                                 "bytes_read", "total_connections"}) {
    CAPTURE(name);
    REQUIRE(StatOf(stats, name) == "0");
  }
  REQUIRE(StatOf(stats, "curr_items") == "1");
  REQUIRE(StatOf(stats, "curr_connections") == "2");
  client.Send("flush_all\r\n");
  REQUIRE(StatOf(client.Send("stats\r\n"), "cmd_flush") == "1");
}

TEST_CASE("stats settings shows what the server was started with, and the present verbosity") {
  Server server;
  Client client(server);
  server.context().settings = {{"maxbytes", "67108864"}, {"verbosity", "0"}};
  client.Send("verbosity 2\r\n");
  REQUIRE(client.Send("stats settings\r\n") ==
          "STAT maxbytes 67108864\r\nSTAT verbosity 2\r\nEND\r\n");
}

TEST_CASE("stats conns lists listeners and connections") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("stats conns\r\n") == "END\r\n");
  const FakeDirectory directory;
  server.context().directory = &directory;
  REQUIRE(client.Send("stats conns\r\n") ==
          "STAT 20:addr tcp:127.0.0.1:11211\r\nSTAT 20:state conn_listening\r\n"
          "STAT 20:secs_since_last_cmd 0\r\n"
          "STAT 31:addr tcp:127.0.0.1:50000\r\nSTAT 31:listen_addr tcp:127.0.0.1:11211\r\n"
          "STAT 31:state conn_read\r\nSTAT 31:secs_since_last_cmd 4\r\nEND\r\n");
}

TEST_CASE("stats items and stats slabs describe the classes in use") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("stats items\r\n") == "END\r\n");
  client.Send("set a 0 0 1\r\nx\r\nget a\r\n");
  const std::string inspection = client.Send("me a\r\n");
  const size_t begin = inspection.find("cls=") + 4;
  const std::string class_id = inspection.substr(begin, inspection.find(' ', begin) - begin);
  const std::string items = client.Send("stats items\r\n");
  REQUIRE(StatOf(items, "items:" + class_id + ":number") == "1");
  REQUIRE(StatOf(items, "items:" + class_id + ":mem_requested") == "22");
  const std::string slabs = client.Send("stats slabs\r\n");
  REQUIRE(StatOf(slabs, class_id + ":used_chunks") == "1");
  REQUIRE(StatOf(slabs, class_id + ":get_hits") == "1");
  REQUIRE_FALSE(StatOf(slabs, "active_slabs").empty());
  REQUIRE_FALSE(StatOf(slabs, "total_malloced").empty());
}

TEST_CASE("The other groups of stats") {
  Server server;
  Client client(server);
  REQUIRE(client.Send("stats sizes\r\n") == "STAT sizes_status disabled\r\nEND\r\n");
  REQUIRE(client.Send("stats nonsense\r\n") == "ERROR\r\n");
}

}  // namespace
}  // namespace quarry::command
