#include "daemon/settings.h"

#include <algorithm>
#include <map>
#include <string>

#include "daemon/option_table.h"
#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

std::map<std::string, std::string> Lines(const Options& options) {
  const auto lines = SettingsLines(options);
  return {lines.begin(), lines.end()};
}

TEST_CASE("The settings of the defaults") {
  const auto lines = Lines(Options{});
  const std::map<std::string, std::string> expected = {{"maxbytes", "67108864"},
                                                       {"maxconns", "1024"},
                                                       {"tcpport", "11211"},
                                                       {"udpport", "0"},
                                                       {"inter", "NULL"},
                                                       {"verbosity", "0"},
                                                       {"evictions", "on"},
                                                       {"domain_socket", "NULL"},
                                                       {"umask", "700"},
                                                       {"growth_factor", "1.04"},
                                                       {"chunk_size", "12"},
                                                       {"num_threads", "4"},
                                                       {"reqs_per_event", "20"},
                                                       {"cas_enabled", "yes"},
                                                       {"tcp_backlog", "1024"},
                                                       {"binding_protocol", "auto-negotiate"},
                                                       {"item_size_max", "1048576"}};
  for (const auto& [name, value] : expected) {
    CAPTURE(name);
    CHECK(lines.at(name) == value);
  }
}

TEST_CASE("The settings follow the options") {
  Options options;
  options.memory_bytes = 100 * kMebibyte;
  options.listen_text = "127.0.0.1,*";
  options.evict = false;
  options.cas_enabled = false;
  options.unix_socket = "/run/socket";
  options.unix_socket_mode = 0755;
  options.protocol = "ascii";
  const auto lines = Lines(options);
  CHECK(lines.at("maxbytes") == "104857600");
  CHECK(lines.at("inter") == "127.0.0.1,*");
  CHECK(lines.at("evictions") == "off");
  CHECK(lines.at("cas_enabled") == "no");
  CHECK(lines.at("domain_socket") == "/run/socket");
  CHECK(lines.at("umask") == "755");
  CHECK(lines.at("binding_protocol") == "ascii");
}

TEST_CASE("Every option with a setting has its line, and no line comes twice") {
  const auto lines = SettingsLines(Options{});
  CHECK(Lines(Options{}).size() == lines.size());
  for (const OptionSpec& spec : OptionTable(0)) {
    CAPTURE(spec.setting);
    CHECK((spec.setting.empty() || Lines(Options{}).contains(spec.setting)));
  }
}

TEST_CASE("What monitoring reads is there") {
  const auto lines = Lines(Options{});
  for (const std::string name : {"maxconns", "lru_crawler", "lru_crawler_sleep",
                                 "lru_crawler_tocrawl", "lru_maintainer_thread", "hot_lru_pct",
                                 "warm_lru_pct", "hot_max_factor", "warm_max_factor"}) {
    CAPTURE(name);
    CHECK(lines.contains(name));
  }
}

}  // namespace
}  // namespace quarry::daemon
