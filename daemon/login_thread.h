#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "daemon/command/login_service.h"

namespace quarry::daemon {

/// Checks logins on a thread of its own, one after the other, in the order of asking: a check may
/// block for as long as the network lets it, and no client but those who log in waits for it.
class LoginThread final : public command::LoginService {
 public:
  /// True when the client that says `token` of itself may log in. Called on one thread.
  using Check = std::function<bool(std::string_view token)>;

  explicit LoginThread(Check check);

  /// Begins the thread, which gets no signals but of its own faults. Once; until then logins wait.
  /// ResourceExhausted when the system has no thread to give.
  absl::Status Start();

  /// Waits for the check under way, though no longer than a second: then the thread is left behind,
  /// with its check, and gives no verdict any more. Those who wait get none either.
  ~LoginThread() override;
  LoginThread(const LoginThread&) = delete;
  LoginThread& operator=(const LoginThread&) = delete;

  void Ask(std::string token, const std::shared_ptr<command::Verdict>& verdict) override;

  /// How many logins are kept until their turn comes. Those of clients that have gone are not kept
  /// for long: there are never more than twice as many as of clients that are there, and 64.
  size_t kept_count() const;

 private:
  class Shared;

  const std::shared_ptr<Shared> shared_;  // with the thread
};

}  // namespace quarry::daemon
