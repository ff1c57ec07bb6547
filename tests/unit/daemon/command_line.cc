#include "tests/unit/daemon/command_line.h"

#include <utility>

#include <absl/strings/str_split.h>

namespace quarry::daemon {

CommandWords::CommandWords(const std::string& line)
    : CommandWords(std::vector<std::string>(absl::StrSplit(line, ' ', absl::SkipEmpty()))) {}

CommandWords::CommandWords(std::vector<std::string> arguments) : words_(std::move(arguments)) {
  words_.insert(words_.begin(), "quarryd");
}

std::vector<char*> CommandWords::argv() {
  std::vector<char*> pointers;
  pointers.reserve(words_.size());
  for (std::string& word : words_) {
    pointers.push_back(word.data());
  }
  return pointers;
}

}  // namespace quarry::daemon
