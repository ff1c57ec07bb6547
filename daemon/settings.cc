#include "daemon/settings.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "daemon/extended_options.h"
#include "daemon/option_table.h"

namespace quarry::daemon {
namespace {

/// One line: an option's, where `fixed` is null.
struct Setting {
  const char* name;
  const char* fixed;
};

// Monitoring reads several of these, and takes a missing one for a server that is down. Of what
// commands change `stats settings` shows how it stands, and nothing of here.
constexpr Setting kSettings[] = {
    {"maxbytes", nullptr},
    {"maxconns", nullptr},
    {"tcpport", nullptr},
    {"udpport", nullptr},
    {"inter", nullptr},
    {"verbosity", nullptr},
    {"oldest", "0"},
    {"evictions", nullptr},
    {"domain_socket", nullptr},
    {"umask", nullptr},
    {"shutdown_command", nullptr},
    {"growth_factor", nullptr},
    {"chunk_size", nullptr},
    {"num_threads", nullptr},
    {"num_threads_per_udp", "0"},
    {"stat_key_prefix", nullptr},
    {"detail_enabled", "no"},  // as stats detail sets it
    {"reqs_per_event", nullptr},
    {"cas_enabled", nullptr},
    {"tcp_backlog", nullptr},
    {"binding_protocol", nullptr},
    {"auth_enabled_sasl", nullptr},
    {"auth_enabled_ascii", nullptr},
    {"item_size_max", nullptr},
    {"maxconns_fast", nullptr},
    {"hashpower_init", "0"},
    {"slab_reassign", "yes"},  // pages move between classes and shards as stores need them
    {"slab_automove", "1"},
    {"slab_automove_ratio", "0.80"},
    {"slab_automove_window", "10"},
    {"slab_chunk_max", "65536"},  // a page
    {"lru_crawler", "yes"},
    {"lru_crawler_sleep", "100"},
    {"lru_crawler_tocrawl", "0"},
    {"tail_repair_time", "0"},
    {"flush_enabled", nullptr},
    {"dump_enabled", nullptr},
    {"hash_algorithm", "xxh3"},
    {"lru_maintainer_thread", "no"},
    {"lru_segmented", "yes"},
    {"hot_lru_pct", "0"},
    {"warm_lru_pct", "80"},
    {"hot_max_factor", "0.00"},
    {"warm_max_factor", "0.00"},
    {"temp_lru", "no"},
    {"temporary_ttl", "0"},
    {"idle_timeout", nullptr},
    {"watcher_logbuf_size", nullptr},
    {"worker_logbuf_size", nullptr},
    {"read_buf_mem_limit", "0"},
    {"track_sizes", nullptr},
    {"inline_ascii_response", "no"},
    {"slab_automove_freeratio", "0.01"},
    {"ssl_enabled", nullptr},
    {"ssl_chain_cert", nullptr},
    {"ssl_key", nullptr},
    {"ssl_verify_mode", nullptr},
    {"ssl_keyformat", nullptr},
    {"ssl_ciphers", nullptr},
    {"ssl_ca_cert", nullptr},
    {"ssl_wbuf_size", nullptr},
    {"ssl_session_cache", nullptr},
    {"ssl_kernel_tls", nullptr},
    {"ssl_min_version", nullptr},
    {"num_napi_ids", "(null)"},
    {"memory_file", "(null)"},
    {"client_flags_size", "4"},
};

}  // namespace

std::vector<std::pair<std::string, std::string>> SettingsLines(const Options& options) {
  std::vector<OptionSpec> table = OptionTable(0);
  for (OptionSpec& spec : SubOptionTable()) {
    table.push_back(std::move(spec));
  }
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Setting& setting : kSettings) {
    if (setting.fixed != nullptr) {
      lines.emplace_back(setting.name, setting.fixed);
      continue;
    }
    const auto spec = std::find_if(
        table.begin(), table.end(),
        [&setting](const OptionSpec& candidate) { return candidate.setting == setting.name; });
    QUARRY_CHECK(spec != table.end());
    lines.emplace_back(setting.name, spec->show(options));
  }
  return lines;
}

}  // namespace quarry::daemon
