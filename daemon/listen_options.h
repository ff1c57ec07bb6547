#pragma once

#include "daemon/option_spec.h"

namespace quarry::daemon {

// The options that say where and how clients are listened to.

OptionSpec PortOption();        ///< -p
OptionSpec UdpPortOption();     ///< -U
OptionSpec ListenOption();      ///< -l
OptionSpec UnixSocketOption();  ///< -s
OptionSpec UnixMaskOption();    ///< -a
OptionSpec ProtocolOption();    ///< -B

}  // namespace quarry::daemon
