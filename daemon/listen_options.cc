#include "daemon/listen_options.h"

#include <sys/un.h>

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "core/base/numbers.h"
#include "daemon/listen_list.h"

namespace quarry::daemon {

namespace {

/// What -p and -U have in common; `member` is set.
OptionSpec AnyPortOption(OptionText text, int32_t Options::*member) {
  OptionSpec spec;
  spec.spelling = {text.letter, text.name, Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = "<num>";
  spec.help = std::move(text.help);
  spec.takes = "0 to 65535; 0: none, -1: any free port";
  spec.default_text = absl::StrCat(Options{}.*member);
  spec.apply = [member, takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<int32_t> port = ParseI32(value);
    if (!port) {
      return Takes(takes);
    }
    if (*port < Options::kRandomPort || *port > std::numeric_limits<uint16_t>::max()) {
      return absl::OutOfRangeError(absl::StrCat("it takes ", takes));
    }
    options.*member = *port;
    return absl::OkStatus();
  };
  spec.setting = std::move(text.setting);
  spec.show = [member](const Options& options) {
    return absl::StrCat(options.*member);
  };
  return spec;
}

}  // namespace

OptionSpec PortOption() {
  OptionSpec spec =
      AnyPortOption({'p', "port", "TCP port to listen on", "tcpport"}, &Options::port);
  spec.apply = [apply = spec.apply](const std::string& value, Options& options) {
    options.port_given = true;
    return apply(value, options);
  };
  return spec;
}

OptionSpec UdpPortOption() {
  return AnyPortOption(
      {'U', "udp-port", "UDP port to listen on, that of TCP as well unless -p is given", "udpport"},
      &Options::udp_port);
}

OptionSpec ListenOption() {
  OptionSpec spec;
  spec.spelling = {'l', "listen", Argument::kRequired};
  spec.placeholder = "<addr>";
  spec.help = "addresses to listen on, parted by commas; may be given again";
  spec.takes = "host, host:port, [v6 address]:port, *";
  spec.default_text = "127.0.0.1,::1";
  spec.apply = [](const std::string& value, Options& options) {
    absl::StatusOr<std::vector<ListenEntry>> entries = ParseListenList(value);
    if (!entries.ok()) {
      return entries.status();
    }
    options.listen.insert(options.listen.end(), entries->begin(), entries->end());
    absl::StrAppend(&options.listen_text, options.listen_text.empty() ? "" : ",", value);
    return absl::OkStatus();
  };
  spec.setting = "inter";
  spec.show = [](const Options& options) {
    return options.listen_text.empty() ? std::string("NULL") : options.listen_text;
  };
  return spec;
}

OptionSpec UnixSocketOption() {
  // The system's limit, less the terminator.
  static constexpr size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;
  OptionSpec spec =
      TextOption({'s', "unix-socket", "UNIX socket to listen on, alone unless -p or -l is given",
                  "domain_socket"},
                 "<file>", &Options::unix_socket);
  spec.takes = absl::StrCat("a path of 1 to ", kMaxPathBytes, " bytes");
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    if (value.empty() || value.size() > kMaxPathBytes) {
      return Takes(takes);
    }
    options.unix_socket = value;
    return absl::OkStatus();
  };
  return spec;
}

OptionSpec UnixMaskOption() {
  OptionSpec spec = NumberOption({'a', "unix-mask", "access mode of the UNIX socket", "umask"},
                                 &Options::unix_socket_mode, {0, 0777});
  spec.placeholder = "<mask>";
  spec.takes = "octal, 0 to 777";
  spec.show = [](const Options& options) {
    return absl::StrFormat("%o", options.unix_socket_mode);
  };
  spec.default_text = spec.show(Options{});
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    uint32_t mode = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, mode, 8);
    if (error != std::errc{} || stop != end || mode > 0777) {
      return Takes(takes);
    }
    options.unix_socket_mode = mode;
    return absl::OkStatus();
  };
  return spec;
}

OptionSpec ProtocolOption() {
  OptionSpec spec;
  spec.spelling = {'B', "protocol", Argument::kRequired};
  spec.placeholder = "<name>";
  spec.help = "protocol to speak";
  spec.takes = "auto, ascii or binary";
  spec.default_text = Options{}.protocol;
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    if (value != "auto" && value != "ascii" && value != "binary") {
      return absl::OutOfRangeError(absl::StrCat("it takes ", takes));
    }
    options.protocol = value;
    return absl::OkStatus();
  };
  spec.setting = "binding_protocol";
  spec.show = [](const Options& options) {
    return options.protocol == "auto" ? std::string("auto-negotiate") : options.protocol;
  };
  return spec;
}

}  // namespace quarry::daemon
