#include "daemon/command/user_list.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

namespace quarry::command {
namespace {

/// 1 when the two are equal, else 0. Looks at every byte of two that are of one length, so that
/// time tells nothing about them; `volatile` keeps the compiler from an early exit.
unsigned AreEqual(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return 0;
  }
  volatile unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = difference | static_cast<unsigned>(a[i] ^ b[i]);
  }
  return difference == 0 ? 1 : 0;
}

/// What is wrong with a line that is not empty; null if nothing is.
const char* FaultOf(std::string_view line) {
  const size_t colon = line.find(':');
  if (line.size() > UserList::kMaxLineBytes) {
    return "longer than 1024 bytes";
  }
  if (line.find('\0') != std::string_view::npos) {
    return "a NUL byte";
  }
  if (colon == std::string_view::npos) {
    return "no colon between user and password";
  }
  if (colon == 0) {
    return "no user before the colon";
  }
  if (colon + 1 == line.size()) {
    return "no password behind the colon";
  }
  return line.substr(0, colon).find(' ') == std::string_view::npos ? nullptr
                                                                   : "a space in the user's name";
}

/// Takes the first line from `text`, without its end.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

absl::StatusOr<UserList> UserList::Parse(std::string_view text) {
  UserList list;
  absl::flat_hash_set<std::string_view> names;
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) {
      continue;
    }
    const char* fault = FaultOf(line);
    const size_t colon = line.find(':');
    if (fault == nullptr && !names.insert(line.substr(0, colon)).second) {
      fault = "a user who stands in a line before";
    }
    if (fault != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", fault));
    }
    list.users_.insert({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
  }
  if (list.users_.empty()) {
    return absl::InvalidArgumentError("no user in it");
  }
  return list;
}

bool UserList::Accepts(std::string_view user, std::string_view password) const {
  return users_.contains(Login(user, password));
}

bool UserList::Equal::operator()(const Login& a, const Login& b) const {
  return (AreEqual(a.name, b.name) & AreEqual(a.password, b.password)) != 0;
}

}  // namespace quarry::command
