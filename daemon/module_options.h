#pragma once

#include <cstdint>

#include "core/engine.h"
#include "daemon/net/server.h"
#include "daemon/options.h"

namespace quarry::daemon {

/// What the command line means to the storage engine.
core::EngineOptions EngineOptionsFrom(const Options& options);

/// What it means to the listeners and workers. A relative path of the UNIX socket becomes an
/// absolute one, since the background has another working directory.
net::ServerOptions ServerOptionsFrom(const Options& options);

/// Descriptors that are not clients: standard streams, listeners, the loops of the workers.
uint32_t ReservedDescriptors(const Options& options);

}  // namespace quarry::daemon
