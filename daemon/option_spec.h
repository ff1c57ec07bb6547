#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "daemon/getopt_arguments.h"
#include "daemon/options.h"

namespace quarry::daemon {

/// One option of the program: how it is spelled, what it takes, what it sets, and how `stats
/// settings` shows it. The help text, the checks, their messages and the settings all come from
/// here.
struct OptionSpec {
  OptionName spelling;
  bool is_number = false;   ///< blanks around its value say nothing, as strtol has it
  std::string placeholder;  ///< of its value in the help text: "<num>"
  std::string help;
  std::string takes;         ///< what a right value is: "1 to 256"; empty if anything goes
  std::string default_text;  ///< as it would be given; empty: none
  /// Checks and sets. An error says what a right value is; OutOfRange ends the process with
  /// kExitUsage, any other with kExitBadValue.
  std::function<absl::Status(const std::string& value, Options& options)> apply;
  std::string setting;  ///< its name in `stats settings`; empty: not shown
  std::function<std::string(const Options& options)> show;  ///< its value there
  /// Not empty: memcached has this option, this server does not, and this is why it is refused. Not
  /// in the help text.
  std::string missing;
  /// Not empty: the option is taken, has no effect, and this is why. The operator is told, unless
  /// its value is one of `granted`: those ask for what is so anyway.
  std::string no_effect;
  std::vector<std::string> granted;
};

/// Hands `value` to an option that is not missing. A warning about it calls it `name`.
absl::Status Apply(const OptionSpec& spec, const std::string& name, const std::string& value,
                   Options& options);

/// The error of a bad value: "it takes <what>".
absl::Status Takes(const std::string& what);

/// What the builders below have in common.
struct OptionText {
  char letter;
  const char* name;
  std::string help;
  std::string setting;
};

struct NumberRange {
  uint32_t min;
  uint32_t max;
};

/// A decimal number.
OptionSpec NumberOption(OptionText text, uint32_t Options::*member, NumberRange range);

/// A decimal fraction.
struct DecimalRange {
  double above;
  double max;
};
OptionSpec DecimalOption(OptionText text, double Options::*member, DecimalRange range);

/// A flag that sets `member` to `given_value`; shown as `words` for true and false.
struct FlagWords {
  const char* when_true;
  const char* when_false;
};
OptionSpec FlagOption(OptionText text, bool Options::*member, bool given_value,
                      FlagWords words = {"yes", "no"});

/// Any text that is not empty.
OptionSpec TextOption(OptionText text, std::string placeholder, std::string Options::*member);

/// An option that asks for what is so anyway.
OptionSpec GrantedOption(OptionName spelling);

/// An option that is taken and has no effect. `is_right` says whether a value is one that memcached
/// takes; `takes` what those are.
OptionSpec NoEffectOption(OptionName spelling, std::string reason);
OptionSpec NoEffectOption(OptionName spelling, std::string reason, std::string takes,
                          std::function<bool(const std::string& value)> is_right);
OptionSpec NoEffectNumberOption(OptionName spelling, std::string reason, NumberRange range);

/// An option that memcached has and this server does not.
OptionSpec MissingOption(OptionName spelling, std::string reason);

}  // namespace quarry::daemon
