#pragma once

namespace quarry::daemon {

/// How the process ends before or after serving, as memcached's callers expect it (the larger ones
/// are those of sysexits.h).
enum ExitCode : int {
  kExitOk = 0,
  kExitBadValue = 1,  ///< an option that is unknown or has a bad value; a resource not to be had
  kExitUsage = 64,    ///< options that contradict each other, a port or an item limit out of range,
                      ///< root without -u
  kExitUnknownUser = 67,
  kExitCannotListen = 71,
};

}  // namespace quarry::daemon
