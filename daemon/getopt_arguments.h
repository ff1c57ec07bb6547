#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

namespace quarry::daemon {

enum class Argument : uint8_t {
  kNone,
  kRequired,
  kOptional
};

/// How one option is spelled.
struct OptionName {
  char letter = '\0';  ///< '\0': none
  std::string name;    ///< the long name without dashes; empty: none
  Argument argument = Argument::kNone;
  bool ends_reading = false;  ///< what follows is not looked at, as after --help

  /// "--name", or "-l" where there is no name.
  std::string Dashed() const;
  /// Both spellings for a message: "-l/--name".
  std::string BothSpellings() const;
};

/// One option as it was met. `value` is empty where it takes none.
struct GivenOption {
  const OptionName* option;
  std::string value;
};

/// Reads a command line in the manner of getopt_long, and by means of it: -m64, -m 64, -Mvv,
/// --memory-limit 64, --memory-limit=64, long names cut short as long as they stay unambiguous,
/// operands anywhere (they are ignored) and "--", after which all are operands. Options come out in
/// the order given. InvalidArgument is one line that names the argument and what would be right.
///
/// `names` outlives the result. Uses getopt's own globals: one thread at a time.
absl::StatusOr<std::vector<GivenOption>> ReadAsGetopt(std::span<char* const> argv,
                                                      std::span<const OptionName> names);

}  // namespace quarry::daemon
