#pragma once

#include <memory>
#include <string>

#include "daemon/command/awaited_reply.h"

namespace quarry::command {

/// Whoever knows the users where the server has no list of its own. Asking may take long, so the
/// answer comes later, and on another thread. Safe on any thread.
class LoginService {
 public:
  virtual ~LoginService() = default;

  /// Gives `verdict` whether a client may log in that says `token` of itself, as a client of SASL's
  /// mechanism PLAIN. Returns at once. Nothing is asked for a verdict that nobody waits for any
  /// more.
  virtual void Ask(std::string token, const std::shared_ptr<Verdict>& verdict) = 0;
};

}  // namespace quarry::command
