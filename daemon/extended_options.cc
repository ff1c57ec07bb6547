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
#include "daemon/no_effect_options.h"
#include "daemon/tls_settings.h"
#include "daemon/tuning_options.h"

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
  const Argument argument = spec->spelling.argument;
  const bool needs_value =
      argument == Argument::kRequired || (argument == Argument::kOptional && has_value);
  if (needs_value && (!has_value || parts.back().empty())) {
    return absl::InvalidArgumentError(absl::StrCat(name, " needs a value, as name=value"));
  }
  // As in memcached, the value of a word that takes none says nothing: lru_crawler=1.
  const std::string value = needs_value ? parts.back() : "";
  const absl::Status status = Apply(*spec, name, value, options);
  return status.ok() ? status
                     : absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
}

/// How a word of the list is given: "name", "name=<num>" or "name[=<num>]".
std::string UsageOf(const OptionSpec& option) {
  switch (option.spelling.argument) {
    case Argument::kRequired:
      return absl::StrCat(option.spelling.name, "=", option.placeholder);
    case Argument::kOptional:
      return absl::StrCat(option.spelling.name, "[=", option.placeholder, "]");
    case Argument::kNone:
      break;
  }
  return option.spelling.name;
}

/// A line for each word; what has no effect is together, in lines of a few words.
std::string HelpOf(const std::vector<OptionSpec>& table) {
  static constexpr size_t kLineChars = 60;
  std::string help = "further options, parted by commas";
  std::string no_effect = "\n  accepted, without effect:";
  size_t line_begin = 0;
  for (const OptionSpec& option : table) {
    if (!option.no_effect.empty()) {
      const bool begins = line_begin == 0 || no_effect.size() - line_begin > kLineChars;
      line_begin = begins ? no_effect.size() : line_begin;
      absl::StrAppend(&no_effect, begins ? "\n    " : " ", UsageOf(option));
    } else if (option.missing.empty()) {
      absl::StrAppend(&help, "\n  ", UsageOf(option), ": ", option.help);
      if (!option.takes.empty()) {
        absl::StrAppend(&help, " (", option.takes, ")");
      }
    }
  }
  return help + no_effect;
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
  for (OptionSpec& spec : TuningSubOptions()) {
    table.push_back(std::move(spec));
  }
  for (OptionSpec& spec : NoEffectSubOptions()) {
    table.push_back(std::move(spec));
  }
  table.push_back(
      MissingOption({'\0', "ext_path", Argument::kRequired}, "external storage does not exist"));
  table.push_back(MissingOption({'\0', "drop_privileges", Argument::kNone},
                                "system calls are not filtered, and that is not built in yet"));
  return table;
}

OptionSpec ExtendedOption() {
  OptionSpec spec;
  spec.spelling = {'o', "extended", Argument::kRequired};
  spec.placeholder = "<list>";
  spec.help = HelpOf(SubOptionTable());
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
