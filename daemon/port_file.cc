#include "daemon/port_file.h"

#include <absl/strings/str_cat.h>

#include "daemon/file_by_rename.h"

namespace quarry::daemon {

namespace {

std::string Lines(const char* transport, const std::vector<net::ListenAddress>& addresses) {
  std::string lines;
  for (const net::ListenAddress& address : addresses) {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    absl::StrAppend(&lines, transport, is_v6 ? " INET6: " : " INET: ", address.port, "\n");
  }
  return lines;
}

}  // namespace

absl::Status WritePortFile(const std::string& path, const std::vector<net::ListenAddress>& tcp,
                           const std::vector<net::ListenAddress>& udp) {
  return WriteFileByRename(path, Lines("TCP", tcp) + Lines("UDP", udp));
}

}  // namespace quarry::daemon
