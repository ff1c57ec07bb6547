#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>
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

  /// True when `password` is that of `user`. The two are looked up together, by a hash of this
  /// process alone: one of many users costs no more than one of few, and how long it takes tells
  /// nothing of whether or where they agree with what is kept.
  bool Accepts(std::string_view user, std::string_view password) const;

  size_t size() const { return users_.size(); }

 private:
  struct User {
    std::string name;
    std::string password;
  };
  /// A user, or what is given for one.
  struct Login {
    Login(std::string_view user, std::string_view given) : name(user), password(given) {}
    Login(const User& user) : name(user.name), password(user.password) {}  // NOLINT: also a user

    std::string_view name;
    std::string_view password;
  };
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): absl looks for it
    size_t operator()(const Login& login) const { return absl::HashOf(login.name, login.password); }
  };
  struct Equal {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): absl looks for it
    bool operator()(const Login& a, const Login& b) const;
  };

  UserList() = default;

  absl::flat_hash_set<User, Hash, Equal> users_;
};

}  // namespace quarry::command
