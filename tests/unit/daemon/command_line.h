#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quarry::daemon {

/// The words of a command line as main gets them: argv[0] first, no null behind the last.
class CommandWords {
 public:
  /// `line` holds the arguments, parted by single spaces; an empty line has none.
  explicit CommandWords(const std::string& line);
  explicit CommandWords(std::vector<std::string> arguments);

  std::vector<char*> argv();

 private:
  std::vector<std::string> words_;
};

}  // namespace quarry::daemon
