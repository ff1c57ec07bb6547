#include "daemon/option_table.h"

#include <limits>
#include <string>
#include <utility>

#include <absl/strings/str_cat.h>

#include "core/engine.h"
#include "daemon/auth_options.h"
#include "daemon/cache_options.h"
#include "daemon/extended_options.h"
#include "daemon/listen_options.h"
#include "daemon/no_effect_options.h"
#include "daemon/tls_settings.h"

namespace quarry::daemon {
namespace {

constexpr uint32_t kMaxInt = std::numeric_limits<int32_t>::max();

OptionSpec VerboseOption() {
  OptionSpec spec;
  // The long name takes a value, as memcached's does, and like there it says nothing.
  spec.spelling = {'v', "verbose", Argument::kOptional};
  spec.help = "log connections that open and close as well; -vv says no more";
  spec.apply = [](const std::string& /*value*/, Options& options) {
    ++options.verbosity;
    return absl::OkStatus();
  };
  spec.setting = "verbosity";
  spec.show = [](const Options& options) {
    return absl::StrCat(options.verbosity);
  };
  return spec;
}

/// -D, of whose value the first byte counts, as in memcached.
OptionSpec PrefixOption() {
  OptionSpec spec;
  spec.spelling = {'D', "", Argument::kRequired};
  spec.placeholder = "<char>";
  spec.help = "count by the prefixes of keys that end at this character (stats detail)";
  spec.takes = "a character";
  spec.default_text = Options{}.prefix_delimiter;
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    if (value.empty()) {
      return Takes(takes);
    }
    options.prefix_delimiter = value.substr(0, 1);
    options.detail_enabled = true;
    return absl::OkStatus();
  };
  spec.setting = "stat_key_prefix";
  spec.show = [](const Options& options) {
    return options.prefix_delimiter;
  };
  return spec;
}

/// -h, -i and -V: reading stops there.
OptionSpec EndingOption(char letter, const char* name, std::string help) {
  OptionSpec spec;
  spec.spelling = {letter, name, Argument::kNone, true};
  spec.help = std::move(help);
  spec.apply = [](const std::string& /*value*/, Options& /*options*/) {
    return absl::OkStatus();
  };
  return spec;
}

}  // namespace

std::vector<OptionSpec> OptionTable(uint64_t machine_memory_bytes) {
  std::vector<OptionSpec> table = {
      PortOption(),
      UdpPortOption(),
      UnixSocketOption(),
      UnixMaskOption(),
      ListenOption(),
      FlagOption({'d', "daemon", "run in the background", ""}, &Options::background, true),
      FlagOption({'r', "enable-coredumps", "let core files be written", ""}, &Options::core_dumps,
                 true),
      TextOption({'u', "user", "become this user once listening (needed as root)", ""}, "<user>",
                 &Options::user),
      MemoryOption(machine_memory_bytes),
      FlagOption({'M', "disable-evictions", "refuse to store instead of evicting", "evictions"},
                 &Options::evict, false, {"on", "off"}),
      NumberOption({'c', "conn-limit", "the most connections at a time", "maxconns"},
                   &Options::max_connections, {1, kMaxInt}),
      VerboseOption(),
      EndingOption('h', "help", "print this help and exit"),
      EndingOption('i', "license", "print the license and exit"),
      EndingOption('V', "version", "print the version and exit"),
      TextOption({'P', "pidfile", "keep the process id in this file", ""}, "<file>",
                 &Options::pid_file),
      GrowthFactorOption(),
      NumberOption({'n', "slab-min-size", "least room for key, value and flags", "chunk_size"},
                   &Options::min_item_bytes,
                   {1, core::EngineOptions::kMostMinChunkBytes - sizeof(core::Item)}),
      NumberOption({'t', "threads", "worker threads", "num_threads"}, &Options::worker_count,
                   {1, 256}),
      NumberOption({'R', "max-reqs-per-event", "a connection's share of one turn, in requests",
                    "reqs_per_event"},
                   &Options::max_requests_per_event, {1, kMaxInt}),
      FlagOption({'C', "disable-cas", "do without CAS", "cas_enabled"}, &Options::cas_enabled,
                 false),
      NumberOption(
          {'b', "listen-backlog", "connections that may wait to be accepted", "tcp_backlog"},
          &Options::listen_backlog, {0, kMaxInt}),
      ProtocolOption(),
      AuthFileOption(),
      SaslOption(),
      ItemLimitOption(),
      FlagOption(
          {'A', "enable-shutdown", "let clients end the server (shutdown)", "shutdown_command"},
          &Options::shutdown_enabled, true),
      FlagOption({'F', "disable-flush-all", "refuse flush_all", "flush_enabled"},
                 &Options::flush_enabled, false),
      FlagOption({'X', "disable-dumping", "refuse to list keys", "dump_enabled"},
                 &Options::dump_enabled, false),
      FlagOption({'W', "disable-watch", "refuse watch", ""}, &Options::watch_enabled, false),
      PrefixOption(),
      TlsOption(),
      ExtendedOption(),
  };
  for (OptionSpec& spec : NoEffectOptions()) {
    table.push_back(std::move(spec));
  }
  table.push_back(MissingOption({'e', "memory-file", Argument::kRequired},
                                "a memory file that outlives the process is not built in yet"));
  return table;
}

}  // namespace quarry::daemon
