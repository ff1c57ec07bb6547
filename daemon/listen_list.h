#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace quarry::daemon {

/// Whether one listener speaks TLS, where -Z is given.
enum class ListenTls : uint8_t {
  kDefault,  ///< as ssl_verify_mode says
  kPlain,    ///< notls: not at all
  kBasic,    ///< btls: without asking clients for certificates
  kMutual,   ///< mtls: with clients' certificates
};

/// The protocol of one listener.
enum class ListenProtocol : uint8_t {
  kDefault,      ///< as -B says
  kAscii,        ///< proto[ascii]:
  kBinary,       ///< proto[binary]:
  kNegotiating,  ///< proto[negotiating]: a connection's first byte decides
};

/// One address of -l.
struct ListenEntry {
  std::string host;              ///< a name or an address without brackets; "*": every address
  std::optional<uint16_t> port;  ///< absent: the port of -p; 0: the system's choice
  ListenTls tls = ListenTls::kDefault;
  ListenProtocol protocol = ListenProtocol::kDefault;
  std::string tag = {};  ///< tag[name]: or tag_name_: a name for the listener; empty: none
};

/// Parses one argument of -l: entries parted by commas or semicolons, each a host, host:port,
/// [v6 address], [v6 address]:port, v6 address, or *, behind prefixes in any order, each once.
/// InvalidArgument says what would be right.
absl::StatusOr<std::vector<ListenEntry>> ParseListenList(std::string_view text);

/// True for 127.0.0.0/8, ::1 and the name localhost: addresses that other machines do not reach.
bool IsLoopback(const std::string& host);

}  // namespace quarry::daemon
