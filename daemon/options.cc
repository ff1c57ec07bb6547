#include "daemon/options.h"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include "daemon/auth_options.h"
#include "daemon/command/stats.h"
#include "daemon/getopt_arguments.h"
#include "daemon/no_effect_options.h"
#include "daemon/option_table.h"
#include "daemon/tls_settings.h"
#include "daemon/tuning_options.h"

namespace quarry::daemon {
namespace {

constexpr const char* kLicenseText =
    "quarryd is free software under the BSD-3-Clause license: it may be used, changed and passed\n"
    "on, with or without its source, as long as the copyright notice and the license stay with "
    "it.\n"
    "It comes without any warranty.\n";

EarlyExit Refuse(ExitCode code, const std::string& reason) {
  return {code, absl::StrCat("quarryd: ", reason, "\n")};
}

std::string VersionText() {
  return absl::StrCat("quarryd ", QUARRY_VERSION, " (memcached ",
                      std::string(command::kCompatibleVersion), " compatible)\n");
}

std::string HelpText(const OptionSpec& spec) {
  std::string text = spec.help;
  if (!spec.takes.empty() || !spec.default_text.empty()) {
    absl::StrAppend(
        &text, "\n(", spec.takes, spec.takes.empty() ? "" : "; ",
        spec.default_text.empty() ? "no default" : absl::StrCat("default ", spec.default_text),
        ")");
  }
  return text;
}

/// True when some listener takes, by its prefix, what `excluded` would leave out.
bool AnyListenerSpeaksBeside(ListenProtocol excluded, const Options& options) {
  return std::any_of(
      options.listen.begin(), options.listen.end(), [excluded](const ListenEntry& entry) {
        return entry.protocol != ListenProtocol::kDefault && entry.protocol != excluded;
      });
}

/// Reads one command line. CLI11 knows the options, hands each to its row of the table as it comes,
/// and writes the help text; how options are spelled is settled before, by getopt.
class CommandLine {
 public:
  explicit CommandLine(uint64_t machine_memory_bytes)
      : machine_memory_bytes_(machine_memory_bytes),
        table_(OptionTable(machine_memory_bytes)),
        app_("quarryd, a memcached-compatible cache daemon", "quarryd") {
    app_.set_help_flag();  // ours, so that reading ends there
    app_.get_formatter()->column_width(kHelpColumn);
    for (const OptionSpec& spec : table_) {
      AddToApp(spec);
    }
  }

  std::variant<Options, EarlyExit> Read(std::span<char* const> argv);

 private:
  static constexpr size_t kHelpColumn = 36;

  void AddToApp(const OptionSpec& spec);
  void Take(const OptionSpec& spec, const std::string& value);
  void Parse(const std::vector<GivenOption>& given);
  void CheckCombinations();
  void AddWarnings();

  const uint64_t machine_memory_bytes_;
  const std::vector<OptionSpec> table_;
  CLI::App app_;
  Options options_;
  std::optional<EarlyExit> exit_;  // set by the first option that ends the process
};

std::variant<Options, EarlyExit> CommandLine::Read(std::span<char* const> argv) {
  std::vector<OptionName> spellings;
  spellings.reserve(table_.size());
  for (const OptionSpec& spec : table_) {
    spellings.push_back(spec.spelling);
  }
  const absl::StatusOr<std::vector<GivenOption>> given = ReadAsGetopt(argv, spellings);
  if (!given.ok()) {
    return Refuse(kExitBadValue, std::string(given.status().message()));
  }
  Parse(*given);
  if (!exit_) {
    CheckCombinations();
  }
  if (exit_) {
    return *std::move(exit_);
  }
  if (options_.udp_port != Options::kPortOff && !options_.port_given) {
    options_.port = options_.udp_port;
  }
  AddWarnings();
  return std::move(options_);
}

void CommandLine::AddToApp(const OptionSpec& spec) {
  std::string names = spec.spelling.Dashed();
  if (spec.spelling.letter != '\0' && !spec.spelling.name.empty()) {
    names = absl::StrCat(std::string{'-', spec.spelling.letter}, ",", names);
  }
  CLI::Option* option = nullptr;
  if (spec.spelling.argument == Argument::kRequired) {
    const auto callback = [this, &spec](const CLI::results_t& values) {
      Take(spec, values.front());
      return true;
    };
    option = app_.add_option(names, callback, HelpText(spec));
    option->option_text(spec.placeholder);
  } else {
    option = app_.add_flag_callback(
        names, [this, &spec] { Take(spec, ""); }, HelpText(spec));
  }
  option->trigger_on_parse();  // in the order given, each time
  option->group(spec.missing.empty() ? "Options" : "");
}

void CommandLine::Parse(const std::vector<GivenOption>& given) {
  std::vector<std::string> words;
  for (const GivenOption& option : given) {
    words.push_back(option.option->Dashed());
    if (option.option->argument == Argument::kRequired) {
      words.push_back(option.value);
    }
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app_.parse(std::move(words));
  } catch (const CLI::Error& error) {
    exit_ = Refuse(kExitBadValue, error.what());
  }
}

void CommandLine::Take(const OptionSpec& spec, const std::string& value) {
  if (exit_) {
    return;
  }
  if (!spec.missing.empty()) {
    exit_ = Refuse(kExitBadValue, absl::StrCat(spec.spelling.BothSpellings(), ": ", spec.missing));
    return;
  }
  switch (spec.spelling.ends_reading ? spec.spelling.letter : '\0') {
    case 'h':
      exit_ = EarlyExit{kExitOk, VersionText() + app_.help()};
      return;
    case 'i':
      exit_ = EarlyExit{kExitOk, VersionText() + kLicenseText};
      return;
    case 'V':
      exit_ = EarlyExit{kExitOk, VersionText()};
      return;
    default:
      break;
  }
  const absl::Status status = Apply(spec, spec.spelling.BothSpellings(), value, options_);
  if (!status.ok()) {
    exit_ = Refuse(absl::IsOutOfRange(status) ? kExitUsage : kExitBadValue,
                   absl::StrCat("bad value \"", absl::CHexEscape(value), "\" for ",
                                spec.spelling.BothSpellings(), ": ", status.message()));
  }
}

void CommandLine::CheckCombinations() {
  if (options_.max_item_bytes > options_.memory_bytes / 2) {
    exit_ =
        Refuse(kExitUsage, absl::StrCat("-I/--max-item-size ", FormatSize(options_.max_item_bytes),
                                        " is above half of -m/--memory-limit ",
                                        FormatSize(options_.memory_bytes),
                                        ": lower the one, or raise the "
                                        "other to ",
                                        FormatSize(2 * options_.max_item_bytes)));
  } else if (options_.port == Options::kPortOff && options_.udp_port == Options::kPortOff &&
             options_.unix_socket.empty()) {
    exit_ = Refuse(kExitUsage, "-p/--port 0 without -s/--unix-socket leaves nothing to listen on");
  } else if (!options_.auth_file.empty() && !options_.sasl &&
             AnyListenerSpeaksBeside(ListenProtocol::kAscii, options_)) {
    exit_ = Refuse(kExitUsage,
                   "-Y/--auth-file without -S/--enable-sasl goes with the text protocol alone, not "
                   "with proto[binary]: or proto[negotiating]: in -l/--listen");
  } else if (options_.auth_file.empty() && options_.sasl &&
             AnyListenerSpeaksBeside(ListenProtocol::kBinary, options_)) {
    exit_ = Refuse(kExitUsage,
                   "-S/--enable-sasl without -Y/--auth-file goes with the binary protocol alone, "
                   "not with proto[ascii]: or proto[negotiating]: in -l/--listen");
  } else if (const std::string reason = TlsContradiction(options_); !reason.empty()) {
    exit_ = Refuse(kExitUsage, reason);
  } else if (const std::string tuning = TuningContradiction(options_); !tuning.empty()) {
    exit_ = Refuse(kExitUsage, tuning);
  } else if (const std::string napi = NoEffectContradiction(options_); !napi.empty()) {
    exit_ = Refuse(kExitUsage, napi);
  } else if (const absl::Status status = ChooseProtocol(options_); !status.ok()) {
    exit_ = Refuse(kExitUsage, std::string(status.message()));
  }
}

void CommandLine::AddWarnings() {
  if (options_.worker_count > kManyWorkers) {
    options_.warnings.push_back(absl::StrCat(
        "more than ", kManyWorkers, " worker threads are slower than one for each processor"));
  }
  if (machine_memory_bytes_ != 0 && options_.memory_bytes > machine_memory_bytes_) {
    options_.warnings.push_back(absl::StrCat("the memory limit is above the ",
                                             machine_memory_bytes_ / kMebibyte,
                                             "m that this machine or its cgroup has"));
  }
  if (options_.udp_port != Options::kPortOff && options_.udp_reply_factor == 0) {
    options_.warnings.emplace_back(
        "UDP replies of any length go to whatever address a request bears (udp_reply_factor=0)");
  }
}

}  // namespace

std::variant<Options, EarlyExit> ParseOptions(std::span<char* const> argv,
                                              uint64_t machine_memory_bytes) {
  return CommandLine(machine_memory_bytes).Read(argv);
}

}  // namespace quarry::daemon
