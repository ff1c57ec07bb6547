#include "daemon/auth_options.h"

#include <string>

namespace quarry::daemon {

OptionSpec AuthFileOption() {
  OptionSpec spec = TextOption(
      {'Y', "auth-file", "let only its users in, lines of user:password; read again at SIGHUP",
       "auth_enabled_ascii"},
      "<file>", &Options::auth_file);
  spec.show = [](const Options& options) {
    return std::string(UsersLogInByText(options) ? "yes" : "no");
  };
  return spec;
}

OptionSpec SaslOption() {
  return FlagOption(
      {'S', "enable-sasl", "let users log in by SASL, in the binary protocol", "auth_enabled_sasl"},
      &Options::sasl, true);
}

bool UsersLogInByText(const Options& options) {
  return !options.auth_file.empty() && options.protocol != "binary";
}

absl::Status ChooseProtocol(Options& options) {
  const bool by_text = !options.auth_file.empty();
  if (options.sasl && options.protocol == "ascii") {
    return absl::InvalidArgumentError(
        "-S/--enable-sasl needs the binary protocol, which -B ascii excludes");
  }
  if (by_text && !options.sasl && options.protocol == "binary") {
    return absl::InvalidArgumentError(
        "-Y/--auth-file without -S/--enable-sasl needs the text protocol, which -B binary "
        "excludes");
  }
  if (by_text != options.sasl) {
    options.protocol = options.sasl ? "binary" : "ascii";
  }
  return absl::OkStatus();
}

}  // namespace quarry::daemon
