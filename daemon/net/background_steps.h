#pragma once

#include <functional>
#include <string>

#include "daemon/net/event.h"

namespace quarry::net {

/// Work that is done a little at a time on the thread of a loop, between its other events. Belongs
/// to that thread.
class BackgroundSteps {
 public:
  /// `step` tells whether more is to be done; it may be empty, and then there is nothing to do.
  /// `warn` is told when the loop refuses.
  BackgroundSteps(EventLoop& loop, std::function<bool()> step,
                  std::function<void(const std::string&)> warn);

  /// Takes steps as long as they ask for more: some now, some after a pause each. Nothing new while
  /// such are still to come.
  void Begin();

 private:
  void Take(EventFlags happened);

  const std::function<bool()> step_;
  const std::function<void(const std::string&)> warn_;
  Event pause_over_;  // armed while steps are left for after a pause
};

}  // namespace quarry::net
