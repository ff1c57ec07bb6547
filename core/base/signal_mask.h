#pragma once

#include <csignal>

namespace quarry {

/// While it lives, the threads that its own thread begins get no signals, since a thread inherits
/// the mask of its creator: signals are for the thread that runs the server. Except those of a
/// fault of the thread's own: blocked, they would end the process without the trace that tells
/// where.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t mask_before_ = {};
};

}  // namespace quarry
