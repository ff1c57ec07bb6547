#include "daemon/option_table.h"

#include <sys/un.h>

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

constexpr uint32_t kMaxInt = std::numeric_limits<int32_t>::max();

absl::Status Takes(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("it takes ", what));
}

OptionSpec PortOption() {
  OptionSpec spec;
  spec.spelling = {'p', "port", Argument::kRequired};
  spec.placeholder = "<num>";
  spec.help = "TCP port to listen on";
  spec.takes = "0 to 65535; 0: no TCP, -1: any free port";
  spec.default_text = absl::StrCat(Options{}.port);
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<int32_t> port = ParseI32(value);
    if (!port) {
      return Takes(takes);
    }
    if (*port < Options::kRandomPort || *port > std::numeric_limits<uint16_t>::max()) {
      return absl::OutOfRangeError(absl::StrCat("it takes ", takes));
    }
    options.port = *port;
    return absl::OkStatus();
  };
  spec.setting = "tcpport";
  spec.show = [](const Options& options) {
    return absl::StrCat(options.port);
  };
  return spec;
}

OptionSpec UdpPortOption() {
  OptionSpec spec = NumberOption({'U', "udp-port", "UDP port to listen on", "udpport"},
                                 &Options::udp_port, {0, 0});
  spec.takes = "0 only, UDP is not built in yet";
  spec.apply = [takes = spec.takes](const std::string& value, Options& /*options*/) {
    return ParseU32(value) == 0U ? absl::OkStatus() : Takes(takes);
  };
  return spec;
}

OptionSpec ListenOption() {
  OptionSpec spec;
  spec.spelling = {'l', "listen", Argument::kRequired};
  spec.placeholder = "<addr>";
  spec.help = "addresses to listen on, parted by commas; may be given again";
  spec.takes = "host, host:port, [v6 address]:port, *";
  spec.default_text = "127.0.0.1,::1";
  spec.apply = [](const std::string& value, Options& options) {
    absl::StatusOr<std::vector<ListenEntry>> entries = ParseListenList(value);
    if (!entries.ok()) {
      return entries.status();
    }
    options.listen.insert(options.listen.end(), entries->begin(), entries->end());
    absl::StrAppend(&options.listen_text, options.listen_text.empty() ? "" : ",", value);
    return absl::OkStatus();
  };
  spec.setting = "inter";
  spec.show = [](const Options& options) {
    return options.listen_text.empty() ? std::string("NULL") : options.listen_text;
  };
  return spec;
}

OptionSpec UnixSocketOption() {
  // The system's limit, less the terminator.
  static constexpr size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;
  OptionSpec spec =
      TextOption({'s', "unix-socket", "UNIX socket to listen on instead of TCP", "domain_socket"},
                 "<file>", &Options::unix_socket);
  spec.takes = absl::StrCat("a path of 1 to ", kMaxPathBytes, " bytes");
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    if (value.empty() || value.size() > kMaxPathBytes) {
      return Takes(takes);
    }
    options.unix_socket = value;
    return absl::OkStatus();
  };
  return spec;
}

OptionSpec UnixMaskOption() {
  OptionSpec spec = NumberOption({'a', "unix-mask", "access mode of the UNIX socket", "umask"},
                                 &Options::unix_socket_mode, {0, 0777});
  spec.placeholder = "<mask>";
  spec.takes = "octal, 0 to 777";
  spec.show = [](const Options& options) {
    return absl::StrFormat("%o", options.unix_socket_mode);
  };
  spec.default_text = spec.show(Options{});
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    uint32_t mode = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, mode, 8);
    if (error != std::errc{} || stop != end || mode > 0777) {
      return Takes(takes);
    }
    options.unix_socket_mode = mode;
    return absl::OkStatus();
  };
  return spec;
}

OptionSpec MemoryOption(uint64_t machine_memory_bytes) {
  OptionSpec spec;
  spec.spelling = {'m', "memory-limit", Argument::kRequired};
  spec.placeholder = "<size>";
  spec.help = "memory for items, their index and buffers";
  spec.takes = absl::StrCat("megabytes, or with k, m or g, ", FormatSize(kMinMemoryBytes), " to ",
                            FormatSize(kMaxMemoryBytes), ", or a share as 75%");
  spec.default_text = FormatSize(Options{}.memory_bytes);
  spec.apply = [machine_memory_bytes, takes = spec.takes](const std::string& value,
                                                          Options& options) {
    std::optional<uint64_t> bytes = ParseSize(value, kMebibyte);
    if (const std::optional<uint32_t> percent = ParsePercent(value)) {
      if (machine_memory_bytes == 0) {
        return absl::InvalidArgumentError(
            "the memory of this machine cannot be told, give the limit in megabytes");
      }
      // In whole megabytes, as memcached shows its limit.
      bytes = machine_memory_bytes / 100 * *percent / kMebibyte * kMebibyte;
    }
    if (!bytes || *bytes < kMinMemoryBytes || *bytes > kMaxMemoryBytes) {
      return Takes(takes);
    }
    options.memory_bytes = *bytes;
    return absl::OkStatus();
  };
  spec.setting = "maxbytes";
  spec.show = [](const Options& options) {
    return absl::StrCat(options.memory_bytes);
  };
  return spec;
}

OptionSpec ItemLimitOption() {
  OptionSpec spec;
  spec.spelling = {'I', "max-item-size", Argument::kRequired};
  spec.placeholder = "<size>";
  spec.help = "the largest item, key and 59 bytes included";
  spec.takes = absl::StrCat("bytes, or with k or m, ", FormatSize(kMinItemLimitBytes), " to ",
                            FormatSize(kMaxItemLimitBytes), ", at most half of -m");
  spec.default_text = FormatSize(Options{}.max_item_bytes);
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<uint64_t> bytes = ParseSize(value, 1);
    if (!bytes) {
      return Takes(takes);
    }
    if (*bytes < kMinItemLimitBytes || *bytes > kMaxItemLimitBytes) {
      return absl::OutOfRangeError(absl::StrCat("it takes ", takes));
    }
    options.max_item_bytes = *bytes;
    return absl::OkStatus();
  };
  spec.setting = "item_size_max";
  spec.show = [](const Options& options) {
    return absl::StrCat(options.max_item_bytes);
  };
  return spec;
}

OptionSpec GrowthFactorOption() {
  static constexpr double kMaxFactor = 16;
  OptionSpec spec;
  spec.spelling = {'f', "slab-growth-factor", Argument::kRequired};
  spec.placeholder = "<factor>";
  spec.help = "growth of chunks from one slab class to the next";
  spec.takes = absl::StrCat("a number above 1, at most ", kMaxFactor);
  spec.show = [](const Options& options) {
    return absl::StrFormat("%.2f", options.growth_factor);
  };
  spec.default_text = spec.show(Options{});
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    double factor = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, factor, std::chars_format::fixed);
    // Written so that not-a-number, which from_chars knows, is refused.
    const bool in_range = factor > 1 && factor <= kMaxFactor;
    if (error != std::errc{} || stop != end || !in_range) {
      return Takes(takes);
    }
    options.growth_factor = factor;
    return absl::OkStatus();
  };
  spec.setting = "growth_factor";
  return spec;
}

OptionSpec ProtocolOption() {
  OptionSpec spec;
  spec.spelling = {'B', "protocol", Argument::kRequired};
  spec.placeholder = "<name>";
  spec.help = "protocol to speak";
  spec.takes = "auto or ascii";
  spec.default_text = Options{}.protocol;
  spec.apply = [](const std::string& value, Options& options) {
    if (value == "binary") {
      return absl::InvalidArgumentError(
          "the binary protocol is not built in yet, it takes auto or ascii");
    }
    if (value != "auto" && value != "ascii") {
      return absl::OutOfRangeError("it takes auto or ascii");
    }
    options.protocol = value;
    return absl::OkStatus();
  };
  spec.setting = "binding_protocol";
  spec.show = [](const Options& options) {
    return options.protocol == "auto" ? std::string("auto-negotiate") : options.protocol;
  };
  return spec;
}

OptionSpec VerboseOption() {
  OptionSpec spec;
  // The long name takes a value, as memcached's does, and like there it says nothing.
  spec.spelling = {'v', "verbose", Argument::kOptional};
  spec.help = "log more, and still more as -vv";
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

void AddMissing(std::vector<OptionSpec>& table) {
  using enum Argument;
  const auto add = [&table](const OptionName& spelling, const char* what) {
    table.push_back(MissingOption(spelling, absl::StrCat(what, " not built in yet")));
  };
  add({'A', "enable-shutdown", kNone}, "the shutdown command is");
  add({'k', "lock-memory", kNone}, "locking memory is");
  add({'L', "enable-largepages", kNone}, "large pages are");
  add({'D', "", kRequired}, "statistics by prefix are");
  add({'S', "enable-sasl", kNone}, "SASL authentication is");
  add({'F', "disable-flush-all", kNone}, "switching off flush_all is");
  add({'X', "disable-dumping", kNone}, "dumping is");
  add({'W', "disable-watch", kNone}, "watching is");
  add({'Y', "auth-file", kRequired}, "text authentication is");
  add({'e', "memory-file", kRequired}, "a memory file that outlives the process is");
  add({'Z', "enable-ssl", kNone}, "TLS is");
  add({'N', "napi-ids", kRequired}, "choosing workers by NAPI id is");
  add({'o', "extended", kRequired}, "extended options are");
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
                   &Options::min_item_bytes, {1, 4096}),
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
      ItemLimitOption(),
  };
  AddMissing(table);
  return table;
}

}  // namespace quarry::daemon
