#pragma once

#include <optional>
#include <string_view>

namespace quarry::protocol {

/// What a client of SASL's mechanism PLAIN (RFC 4616) says of itself.
struct PlainToken {
  std::string_view user = {};
  std::string_view password = {};
};

/// Parses `[<user>] NUL <user> NUL <password>`; views into `token`. The first name is whom to act
/// as: it may be missing, but may not be another's. nullopt for any other form, also for an empty
/// user or password.
std::optional<PlainToken> ParsePlainToken(std::string_view token);

}  // namespace quarry::protocol
