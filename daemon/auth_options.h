#pragma once

#include "daemon/option_spec.h"

namespace quarry::daemon {

// The options that say who may use the server.

OptionSpec AuthFileOption();  ///< -Y
OptionSpec SaslOption();      ///< -S

/// True when the users of -Y log in by text.
bool UsersLogInByText(const Options& options);

/// Settles the protocol by which users can log in: text for -Y alone, binary for -S alone. The
/// error says which options exclude each other.
absl::Status ChooseProtocol(Options& options);

}  // namespace quarry::daemon
