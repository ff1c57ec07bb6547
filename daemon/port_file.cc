#include "daemon/port_file.h"

#include <absl/strings/str_cat.h>

#include "daemon/file_by_rename.h"

namespace quarry::daemon {

absl::Status WritePortFile(const std::string& path,
                           const std::vector<net::ListenAddress>& addresses) {
  std::string lines;
  for (const net::ListenAddress& address : addresses) {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    absl::StrAppend(&lines, is_v6 ? "TCP INET6: " : "TCP INET: ", address.port, "\n");
  }
  return WriteFileByRename(path, lines);
}

}  // namespace quarry::daemon
