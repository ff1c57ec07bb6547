#pragma once

#include <absl/status/statusor.h>

#include "daemon/login_thread.h"

namespace quarry::daemon {

/// Begins to use Cyrus SASL, as the application "memcached": memcached.conf, in the directories of
/// $SASL_CONF_PATH or the system's, says where its users are. What it gives asks the library, by
/// the mechanism PLAIN, and may block. Once in a process, before it has threads. A program that is
/// built without the library links no_cyrus_sasl.cc, which gives an Unimplemented error alone.
absl::StatusOr<LoginThread::Check> OpenCyrusSasl();

}  // namespace quarry::daemon
