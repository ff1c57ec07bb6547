#include "daemon/auth_options.h"

namespace quarry::daemon {

OptionSpec AuthFileOption() {
  OptionSpec spec = TextOption(
      {'Y', "auth-file", "let only its users in, lines of user:password; read again at SIGHUP",
       "auth_enabled_ascii"},
      "<file>", &Options::auth_file);
  spec.show = [](const Options& options) {
    return std::string(options.auth_file.empty() ? "no" : "yes");
  };
  return spec;
}

}  // namespace quarry::daemon
