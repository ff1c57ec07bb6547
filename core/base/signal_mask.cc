#include "core/base/signal_mask.h"

#include <initializer_list>

#include "core/base/check.h"

namespace quarry {

SignalsBlocked::SignalsBlocked() {
  sigset_t mask;
  sigfillset(&mask);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
    sigdelset(&mask, fault);
  }
  QUARRY_CHECK(pthread_sigmask(SIG_SETMASK, &mask, &mask_before_) == 0);
}

SignalsBlocked::~SignalsBlocked() {
  QUARRY_CHECK(pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr) == 0);
}

}  // namespace quarry
