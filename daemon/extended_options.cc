#include "daemon/extended_options.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include "daemon/command/event_log.h"
#include "daemon/tls_settings.h"

namespace quarry::daemon {
namespace {

constexpr uint32_t kMaxInt = std::numeric_limits<int32_t>::max();

/// Kilobytes for the lines of `watch`: any line fits, and even many buffers fit the machine.
constexpr NumberRange kLogBufferKib = {command::EventLog::Sizes::kMinBytes >> 10, 64 << 10};

/// Given in kilobytes and shown in bytes, as in memcached.
OptionSpec LogBufferOption(const char* name, const char* help, uint32_t Options::*member) {
  OptionSpec spec = NumberOption({'\0', name, help, name}, member, kLogBufferKib);
  spec.show = [member](const Options& options) {
    return absl::StrCat(uint64_t{options.*member} << 10);
  };
  return spec;
}

/// A sub-option that asks for what is so anyway.
OptionSpec Granted(const char* name) {
  OptionSpec spec;
  spec.spelling = {'\0', name, Argument::kNone};
  spec.help = "accepted: it is so anyway";
  spec.apply = [](const std::string& /*value*/, Options& /*options*/) {
    return absl::OkStatus();
  };
  return spec;
}

void AddMissing(std::vector<OptionSpec>& table, const char* reason,
                std::initializer_list<const char*> names) {
  for (const char* name : names) {
    table.push_back(MissingOption({'\0', name, Argument::kOptional}, reason));
  }
}

/// What memcached takes and this server does not, with the reason.
void AddMissing(std::vector<OptionSpec>& table) {
  AddMissing(table, "the index grows as it needs to, and has one hash function",
             {"hashpower", "no_hashexpand", "hash_algorithm"});
  AddMissing(table, "pages always move to where they are needed; `slabs automove` steers it",
             {"no_slab_reassign", "slab_automove", "no_slab_automove", "slab_automove_ratio",
              "slab_automove_window", "slab_automove_freeratio", "tail_repair_time"});
  AddMissing(
      table, "the LRU has no hot and warm parts, and needs no thread of its own",
      {"hot_lru_pct", "warm_lru_pct", "hot_max_factor", "warm_max_factor", "no_lru_maintainer"});
  AddMissing(table, "the commands lru and lru_crawler set it while the server runs",
             {"temporary_ttl", "lru_crawler_sleep", "lru_crawler_tocrawl", "no_lru_crawler"});
  AddMissing(table, "classes follow from -f and -n, and large items are in parts of a page",
             {"slab_sizes", "slab_chunk_max", "no_chunked_items"});
  AddMissing(table, "an idle connection has no buffer", {"read_buf_mem_limit"});
  AddMissing(table, "it would undo what this server is", {"no_modern"});
  AddMissing(table, "it is not built in yet",
             {"drop_privileges", "no_drop_privileges", "sock_cookie_id"});
  AddMissing(
      table, "external storage does not exist",
      {"ext_path", "ext_page_size", "ext_wbuf_size", "ext_threads", "ext_io_depth", "ext_item_size",
       "ext_item_age", "ext_low_ttl", "ext_recache_rate", "ext_compact_under", "ext_drop_under",
       "ext_max_sleep", "ext_max_frag", "ext_drop_unread"});
}

/// One word of the list: a name, or name=value.
absl::Status ApplyWord(const std::string& word, const std::vector<OptionSpec>& table,
                       Options& options) {
  const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
  const std::string& name = parts.front();
  const auto spec = std::find_if(table.begin(), table.end(), [&name](const OptionSpec& candidate) {
    return candidate.spelling.name == name;
  });
  if (spec == table.end()) {
    return absl::InvalidArgumentError(absl::StrCat("Illegal suboption \"", name, "\""));
  }
  if (!spec->missing.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", spec->missing));
  }
  const bool has_value = parts.size() == 2;
  if (has_value != (spec->spelling.argument == Argument::kRequired)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, has_value ? " takes no value" : " needs a value, as name=value"));
  }
  const absl::Status status = Apply(*spec, has_value ? parts.back() : "", options);
  return status.ok() ? status
                     : absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
}

}  // namespace

std::vector<OptionSpec> SubOptionTable() {
  std::vector<OptionSpec> table = {
      FlagOption({'\0', "maxconns_fast", "tell and close connections beyond -c (default)",
                  "maxconns_fast"},
                 &Options::reject_beyond_limit, true),
      FlagOption({'\0', "no_maxconns_fast", "let connections beyond -c wait", ""},
                 &Options::reject_beyond_limit, false),
      NumberOption({'\0', "idle_timeout", "seconds after which an idle connection is closed",
                    "idle_timeout"},
                   &Options::idle_timeout_sec, {0, kMaxInt}),
      FlagOption({'\0', "track_sizes", "let stats sizes count the items by size", "track_sizes"},
                 &Options::track_sizes, true),
      LogBufferOption("watcher_logbuf_size",
                      "kilobytes of lines that a client which watches may leave unread",
                      &Options::watcher_log_kib),
      LogBufferOption("worker_logbuf_size",
                      "kilobytes of lines that a worker keeps for those who watch",
                      &Options::worker_log_kib),
  };
  table.push_back(NumberOption(
      {'\0', "udp_reply_factor",
       "how many times as long as its request a UDP reply to another machine may be, 0: any", ""},
      &Options::udp_reply_factor, {0, kMaxInt}));
  for (OptionSpec& spec : TlsSubOptions()) {
    table.push_back(std::move(spec));
  }
  for (const char* name : {"modern", "slab_reassign", "lru_crawler", "lru_maintainer",
                           "inline_ascii_resp", "no_inline_ascii_resp"}) {
    table.push_back(Granted(name));
  }
  // memcached ignores it as well.
  OptionSpec ignored = Granted("resp_obj_mem_limit");
  ignored.spelling.argument = Argument::kRequired;
  ignored.placeholder = "<num>";
  table.push_back(std::move(ignored));
  AddMissing(table);
  return table;
}

OptionSpec ExtendedOption() {
  OptionSpec spec;
  spec.spelling = {'o', "extended", Argument::kRequired};
  spec.placeholder = "<list>";
  spec.help = "further options, parted by commas";
  for (const OptionSpec& option : SubOptionTable()) {
    if (option.missing.empty()) {
      const bool has_value = option.spelling.argument == Argument::kRequired;
      absl::StrAppend(&spec.help, "\n  ", option.spelling.name,
                      has_value ? "=" + option.placeholder : "", ": ", option.help);
      if (!option.takes.empty()) {
        absl::StrAppend(&spec.help, " (", option.takes, ")");
      }
    }
  }
  spec.apply = [table = SubOptionTable()](const std::string& value, Options& options) {
    const std::vector<std::string> words = absl::StrSplit(value, ',', absl::SkipEmpty());
    for (const std::string& word : words) {
      if (absl::Status status = ApplyWord(word, table, options); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  };
  return spec;
}

}  // namespace quarry::daemon
