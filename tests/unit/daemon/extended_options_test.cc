#include "daemon/extended_options.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "core/engine.h"
#include "daemon/command/server_status.h"
#include "daemon/module_options.h"
#include "daemon/settings.h"
#include "daemon/tuning_options.h"
#include "tests/support/catch.h"
#include "tests/unit/daemon/command_line.h"

namespace quarry::daemon {
namespace {

std::variant<Options, EarlyExit> Parse(const std::string& line) {
  CommandWords words(line);
  const std::vector<char*> argv = words.argv();
  return ParseOptions(argv, 0);
}

/// A command line that is right.
Options Given(const std::string& line) {
  std::variant<Options, EarlyExit> parsed = Parse(line);
  CAPTURE(line);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    FAIL(exit->text);
  }
  return std::get<Options>(std::move(parsed));
}

/// `line` is taken, and nothing is said about it.
void Silent(const std::string& line) {
  CAPTURE(line);
  CHECK(Given(line).warnings.empty());
}

/// `line` is taken, with one warning that calls the option `name`.
void Warned(const std::string& line, const std::string& name) {
  CAPTURE(line);
  const Options options = Given(line);
  REQUIRE(options.warnings.size() == 1);
  CHECK_THAT(options.warnings.front(), Catch::StartsWith(name + " has no effect: "));
}

/// `line` is refused with this code, and says so.
void Refused(const std::string& line, ExitCode code, const std::string& message) {
  CAPTURE(line);
  const std::variant<Options, EarlyExit> parsed = Parse(line);
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  REQUIRE(exit != nullptr);
  CHECK(exit->code == code);
  CHECK_THAT(exit->text, Catch::Contains(message));
}

/// An engine and a context of these options.
struct Server {
  explicit Server(const std::string& line) {
    const Options options = Given(line);
    engine = *core::Engine::Create(EngineOptionsFrom(options));
    SetTuning(options, *engine, context);
  }

  std::unique_ptr<core::Engine> engine;
  command::ServerContext context;
};

TEST_CASE("A word that asks for what is so anyway is taken without a word") {
  for (const std::string word :
       {"modern", "slab_reassign", "slab_automove", "lru_crawler", "lru_maintainer",
        "maxconns_fast", "inline_ascii_resp", "no_inline_ascii_resp", "resp_obj_mem_limit",
        "resp_obj_mem_limit=5", "no_drop_privileges", "hash_algorithm=murmur3",
        "hash_algorithm=xxh3", "slab_chunk_max=512", "slab_chunk_max=524288",
        "read_buf_mem_limit=0", "sock_cookie_id=0"}) {
    Silent("-o " + word);
  }
  Silent("-L");
  Silent("--enable-largepages");
}

TEST_CASE("A word that sets nothing here is taken with one warning") {
  for (const std::string word :
       {"hashpower=12",           "hashpower=32",        "no_hashexpand",
        "hash_algorithm=jenkins", "tail_repair_time=10", "slab_sizes=100-200-400",
        "slab_chunk_max=1",       "slab_chunk_max=1024", "no_chunked_items",
        "read_buf_mem_limit=1",   "sock_cookie_id=1",    "ext_page_size=64",
        "ext_wbuf_size=4",        "ext_threads=1",       "ext_io_depth=1",
        "ext_item_size=512",      "ext_item_age=5",      "ext_low_ttl=0",
        "ext_recache_rate=2000",  "ext_compact_under=1", "ext_drop_under=1",
        "ext_max_sleep=1000000",  "ext_max_frag=0.8",    "ext_drop_unread"}) {
    Warned("-o " + word, word.substr(0, word.find('=')));
    Warned(absl::StrCat("-o ", word, ",modern,", word), word.substr(0, word.find('=')));
  }
  Warned("-k", "-k/--lock-memory");
  Warned("--lock-memory", "-k/--lock-memory");
  Warned("-N 4", "-N/--napi-ids");
  Warned("--napi-ids=1", "-N/--napi-ids");
  CHECK(Given("-k -N 1 -o hashpower=20,no_hashexpand").warnings.size() == 4);
}

TEST_CASE("The value of what has no effect is checked") {
  for (const std::string word :
       {"hashpower=11", "hashpower=33", "hashpower=x", "hash_algorithm=md5", "tail_repair_time=9",
        "read_buf_mem_limit=x", "sock_cookie_id=x", "ext_page_size=x", "ext_max_frag=x",
        "ext_threads=-1"}) {
    Refused("-o " + word, kExitBadValue, word.substr(0, word.find('=')) + ": it takes ");
  }
  for (const std::string word :
       {"slab_sizes=x", "slab_sizes=200-100", "slab_sizes=100-104", "slab_chunk_max=0",
        "slab_chunk_max=300", "slab_chunk_max=2097152"}) {
    Refused("-o " + word, kExitUsage, word.substr(0, word.find('=')) + ": it takes ");
  }
  for (const std::string name :
       {"hashpower", "hash_algorithm", "tail_repair_time", "slab_sizes", "slab_chunk_max",
        "read_buf_mem_limit", "sock_cookie_id", "ext_threads", "ext_max_frag", "hot_lru_pct",
        "temporary_ttl", "slab_automove_ratio"}) {
    Refused("-o " + name, kExitBadValue, name + " needs a value");
    Refused(absl::StrCat("-o ", name, "="), kExitBadValue, name + " needs a value");
  }
  for (const std::string value : {"0", "-1", "x"}) {
    Refused("-N " + value, kExitBadValue, "it takes 1 to ");
  }
  Refused("-N 5", kExitUsage, "-N/--napi-ids 5 is above -t/--threads 4");
  CHECK(Given("-N 5 -t 5").warnings.size() == 1);
}

TEST_CASE("The value of a word that takes none says nothing") {
  for (const std::string word : {"modern=1", "lru_crawler=1", "maxconns_fast=0", "slab_reassign=1",
                                 "no_drop_privileges=1"}) {
    Silent("-o " + word);
  }
  CHECK(Given("-o track_sizes=1").track_sizes);
  CHECK(Given("-o no_lru_maintainer=0").flat_lru);
  CHECK(Given("-o ssl_session_cache=1").tls.session_tickets);
  Warned("-o no_hashexpand=1", "no_hashexpand");
}

TEST_CASE("What would be missed is refused") {
  Refused("-o ext_path=/f:1G", kExitBadValue, "ext_path: external storage does not exist");
  Refused("-o ext_page_size=64,ext_path=/f:1G", kExitBadValue, "ext_path: ");
  Refused("-o drop_privileges", kExitBadValue, "drop_privileges: system calls are not filtered");
}

TEST_CASE("-o sets at start what slabs automove sets") {
  const auto automove = [](const std::string& words) {
    const Server server("-o " + words);
    const uint32_t mode = server.context.automove.mode;
    CHECK(server.engine->rebalancing() == (mode != 0));
    return mode;
  };
  CHECK(automove("modern") == 1);
  CHECK(automove("slab_automove=0") == 0);
  CHECK(automove("slab_automove=2") == 2);
  CHECK(automove("no_slab_automove") == 0);
  CHECK(automove("slab_automove=0,slab_automove") == 1);
  CHECK(automove("no_slab_reassign") == 0);
  CHECK(automove("no_slab_reassign,slab_automove=2") == 0);
  CHECK(automove("no_slab_reassign,slab_reassign") == 1);
  const Server server(
      "-o slab_automove_ratio=0.5,slab_automove_freeratio=0.25,slab_automove_window=3");
  CHECK(server.context.automove.ratio == 0.5);
  CHECK(server.context.automove.free_ratio == 0.25);
  CHECK(server.context.automove.window == 3);
  for (const std::string word :
       {"slab_automove=3", "slab_automove=x", "slab_automove_ratio=0", "slab_automove_ratio=1.1",
        "slab_automove_freeratio=0", "slab_automove_window=2", "slab_automove_window=1801"}) {
    Refused("-o " + word, kExitBadValue, word.substr(0, word.find('=')) + ": it takes ");
  }
  Refused("-o slab_automove=", kExitBadValue, "slab_automove needs a value");
}

TEST_CASE("-o sets at start what lru tune sets, with memcached's defaults for the others") {
  const Server untouched("");
  CHECK(untouched.context.lru_tuning.hot_percent == 0);
  CHECK(untouched.context.lru_tuning.warm_percent == 80);
  const Server one("-o hot_lru_pct=30");
  CHECK(one.context.lru_tuning.hot_percent == 30);
  CHECK(one.context.lru_tuning.warm_percent == 40);
  CHECK(one.context.lru_tuning.hot_factor == 0.2);
  CHECK(one.context.lru_tuning.warm_factor == 2);
  const Server all("-o hot_lru_pct=1,warm_lru_pct=79,hot_max_factor=0.5,warm_max_factor=3");
  CHECK(all.context.lru_tuning.hot_percent == 1);
  CHECK(all.context.lru_tuning.warm_percent == 79);
  CHECK(all.context.lru_tuning.hot_factor == 0.5);
  CHECK(all.context.lru_tuning.warm_factor == 3);
  CHECK(Server("-o warm_max_factor=3").context.lru_tuning.hot_percent == 20);
  for (const std::string word : {"hot_lru_pct=0", "hot_lru_pct=80", "warm_lru_pct=80",
                                 "hot_max_factor=0", "warm_max_factor=0", "warm_max_factor=x"}) {
    Refused("-o " + word, kExitBadValue, word.substr(0, word.find('=')) + ": it takes ");
  }
  Refused("-o hot_lru_pct=41", kExitUsage, "must not exceed 80");
  Refused("-o hot_lru_pct=50,warm_lru_pct=31", kExitUsage, "must not exceed 80");
}

TEST_CASE("-o sets at start what lru mode and lru temp_ttl set") {
  CHECK_FALSE(Server("").engine->flat_lru());
  CHECK(Server("-o no_lru_maintainer").engine->flat_lru());
  CHECK_FALSE(Server("-o no_lru_maintainer,lru_maintainer").engine->flat_lru());
  CHECK_FALSE(Server("").engine->temporary_ttl_sec());
  CHECK(Server("-o temporary_ttl=61").engine->temporary_ttl_sec() == 61U);
  CHECK(Server("-o temporary_ttl=0").engine->temporary_ttl_sec() == 0U);
  CHECK_FALSE(Server("-o temporary_ttl=-1").engine->temporary_ttl_sec());
  Refused("-o temporary_ttl=x", kExitBadValue, "temporary_ttl: it takes seconds");
  Refused("-o temporary_ttl=61,no_lru_maintainer", kExitUsage, "temporary_ttl means nothing");
  Refused("-o no_modern,temporary_ttl=61", kExitUsage, "temporary_ttl means nothing");
}

TEST_CASE("-o sets at start what lru_crawler sets") {
  Server server("-o no_lru_crawler,lru_crawler_sleep=1000000,lru_crawler_tocrawl=9");
  CHECK_FALSE(server.engine->crawler().enabled());
  CHECK(server.engine->crawler().pause_us() == 1000000);
  CHECK(server.engine->crawler().item_limit() == 9);
  Server untouched("-o no_lru_crawler,lru_crawler");
  CHECK(untouched.engine->crawler().enabled());
  CHECK(untouched.engine->crawler().pause_us() == 100);
  CHECK(untouched.engine->crawler().item_limit() == 0);
  Refused("-o lru_crawler_sleep=1000001", kExitBadValue,
          "lru_crawler_sleep: it takes 0 to 1000000");
  Refused("-o lru_crawler_tocrawl=x", kExitBadValue, "lru_crawler_tocrawl: it takes ");
}

TEST_CASE("no_modern goes back as far as there is something to go back to") {
  Silent("-o no_modern");
  Server server("-o no_modern");
  CHECK(server.engine->flat_lru());
  CHECK_FALSE(server.engine->rebalancing());
  CHECK_FALSE(server.engine->crawler().enabled());
  CHECK_FALSE(Given("-o no_modern").reject_beyond_limit);
  CHECK(Given("-o no_modern,maxconns_fast").reject_beyond_limit);
}

TEST_CASE("The buffers of watch are given in kilobytes and shown in bytes") {
  const auto shown = [](const std::string& line, const std::string& name) {
    for (const auto& [setting, value] : SettingsLines(Given(line))) {
      if (setting == name) {
        return value;
      }
    }
    return std::string();
  };
  CHECK(shown("", "watcher_logbuf_size") == "262144");
  CHECK(shown("", "worker_logbuf_size") == "65536");
  CHECK(shown("-o watcher_logbuf_size=2", "watcher_logbuf_size") == "2048");
  CHECK(shown("-o worker_logbuf_size=65536", "worker_logbuf_size") == "67108864");
}

TEST_CASE("The help text of -o tells what has an effect and what has none") {
  const std::string help = ExtendedOption().help;
  for (const std::string line :
       {"\n  slab_automove[=<num>]: ", "\n  temporary_ttl=<num>: ",
        "\n  accepted, without effect:\n    hashpower=<num> no_hashexpand ",
        "\n  modern: accepted: it is so anyway"}) {
    CAPTURE(line);
    CHECK_THAT(help, Catch::Contains(line));
  }
  CHECK_FALSE(absl::StrContains(help, "ext_path"));
  CHECK_FALSE(absl::StrContains(help, " drop_privileges"));
}

}  // namespace
}  // namespace quarry::daemon
