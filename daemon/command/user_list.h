#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace quarry::command {

/// Who may log in: names and their passwords. Constant once made, so any thread may ask it.
class UserList {
 public:
  /// No line is longer: with a space for the colon it is what a client sends.
  static constexpr size_t kMaxLineBytes = 1024;

  /// Reads lines of `user:password`, which end in a line feed, a carriage return before it or not;
  /// a password may contain colons and spaces, a name neither. Empty lines are skipped. The error
  /// for any other line tells its number, counted from 1, and what is wrong with it, and nothing of
  /// what stands there. A list without users is an error too: nobody could log in.
  static absl::StatusOr<UserList> Parse(std::string_view text);

  /// True when `password` is that of `user`. How long it takes depends on the lengths alone, of the
  /// list and of what is given, and not on whether or where they agree.
  bool Accepts(std::string_view user, std::string_view password) const;

  size_t size() const { return users_.size(); }

 private:
  struct User {
    std::string name;
    std::string password;
  };

  UserList() = default;

  std::vector<User> users_;
};

}  // namespace quarry::command
