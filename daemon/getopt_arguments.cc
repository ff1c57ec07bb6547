#include "daemon/getopt_arguments.h"

#include <getopt.h>

#include <algorithm>
#include <cstddef>

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

namespace quarry::daemon {
namespace {

// What getopt_long returns for the option names[i]: i above every character, so that a letter, '?'
// and
// ':' stay themselves.
constexpr int kFirstLongCode = 256;

/// What getopt_long wants; borrows the names.
struct GetoptTables {
  std::string letters;
  std::vector<option> longs;
};

GetoptTables MakeTables(std::span<const OptionName> names) {
  GetoptTables tables;
  tables.letters = ":";  // a missing value is told apart from an unknown option
  for (size_t i = 0; i < names.size(); ++i) {
    const OptionName& name = names[i];
    if (name.letter != '\0') {
      tables.letters.push_back(name.letter);
      tables.letters.append(name.argument == Argument::kRequired ? ":" : "");
    }
    if (!name.name.empty()) {
      tables.longs.push_back({name.name.c_str(), static_cast<int>(name.argument), nullptr,
                              kFirstLongCode + static_cast<int>(i)});
    }
  }
  tables.longs.push_back({});
  return tables;
}

const OptionName* Find(std::span<const OptionName> names, int code) {
  if (code >= kFirstLongCode) {
    return &names[static_cast<size_t>(code - kFirstLongCode)];
  }
  const auto found = std::find_if(names.begin(), names.end(),
                                  [code](const OptionName& name) { return name.letter == code; });
  return found == names.end() ? nullptr : &*found;
}

absl::Status Illegal(const std::string& argument, const std::string& reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("Illegal argument \"", absl::CHexEscape(argument), "\": ", reason));
}

/// Why getopt_long refused the long option in `word`, "--name" or "--name=value".
absl::Status ExplainLong(const std::string& word, std::span<const OptionName> names) {
  const std::string given = word.substr(0, word.find('='));
  std::vector<std::string> candidates;
  for (const OptionName& name : names) {
    const std::string dashed = absl::StrCat("--", name.name);
    if (dashed == given) {
      return Illegal(word, absl::StrCat(dashed, " takes no value"));
    }
    if (!name.name.empty() && absl::StartsWith(dashed, given)) {
      candidates.push_back(dashed);
    }
  }
  if (candidates.empty()) {
    return Illegal(word, "no such option, --help lists them");
  }
  if (candidates.size() == 1) {
    return Illegal(word, absl::StrCat(candidates.front(), " takes no value"));
  }
  return Illegal(word, absl::StrCat("it may mean ", absl::StrJoin(candidates, " or ")));
}

}  // namespace

std::string OptionName::Dashed() const {
  return name.empty() ? std::string{'-', letter} : absl::StrCat("--", name);
}

std::string OptionName::BothSpellings() const {
  if (letter == '\0' || name.empty()) {
    return Dashed();
  }
  return absl::StrCat(std::string{'-', letter}, "/", Dashed());
}

absl::StatusOr<std::vector<GivenOption>> ReadAsGetopt(std::span<char* const> argv,
                                                      std::span<const OptionName> names) {
  const GetoptTables tables = MakeTables(names);
  std::vector<char*> words(argv.begin(), argv.end());  // getopt_long reorders them
  words.push_back(nullptr);
  std::vector<GivenOption> given;
  optind = 0;  // start anew, whatever was read before
  for (;;) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread at a time, as the header demands.
    const int code = getopt_long(static_cast<int>(argv.size()), words.data(),
                                 tables.letters.c_str(), tables.longs.data(), nullptr);
    if (code == -1) {
      return given;
    }
    if (code == ':') {
      const OptionName* option = Find(names, optopt);
      return Illegal(option->Dashed(), "it needs a value");
    }
    if (code == '?') {
      if (optopt != 0 && optopt < kFirstLongCode) {
        return Illegal(std::string{'-', static_cast<char>(optopt)},
                       "no such option, --help lists them");
      }
      return ExplainLong(words[static_cast<size_t>(optind - 1)], names);
    }
    const OptionName* option = Find(names, code);
    given.push_back({option, optarg == nullptr ? "" : optarg});
    if (option->ends_reading) {
      return given;
    }
  }
}

}  // namespace quarry::daemon
