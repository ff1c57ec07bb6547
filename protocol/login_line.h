#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/error.h"

namespace quarry::protocol {

/// What is to be done about the first request of a text client that has not logged in.
enum class LoginAction : uint8_t {
  kNeedMore,  ///< wait until `wanted_bytes` are there
  kTry,       ///< log in with `user` and `password`
  kRefuse,    ///< answer `error`
  kQuit,      ///< close without a reply: it asked for that, or speaks no such protocol
};

struct LoginRequest {
  LoginAction action = LoginAction::kNeedMore;
  Error error = Error::kNone;
  bool close_if_more = false;  ///< see ParseResult
  size_t wanted_bytes = 0;
  size_t consumed = 0;         ///< bytes of the request, at least one, for kTry and kRefuse
  uint64_t swallow_bytes = 0;  ///< of a refused body that follows them, to be dropped
  std::string_view user = {};
  std::string_view password = {};
};

/// No user's name and password are longer, with the character between them.
inline constexpr size_t kMaxCredentialBytes = 4096;

/// Parses the first request of `input`. Only one is of use before the login:
///
///     set <any> <any> <any> <length> [<any>...]\r\n
///     <user> <password>\r\n
///
/// It is tried whatever its key, flags and time are, and is never silent. quit is heeded. Any other
/// line is refused, and its body dropped if it announced one. A login longer than
/// kMaxCredentialBytes is tried as nobody's, since no user can have it. Pure: what the action is
/// depends on the request alone and not on how it was cut.
LoginRequest ParseLogin(std::string_view input);

}  // namespace quarry::protocol
