#include "daemon/listen_list.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/str_split.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

absl::Status Bad(const char* reason) {
  return absl::InvalidArgumentError(reason);
}

/// memcached's prefixes choose a protocol, a tag or TLS for one listener.
bool HasPrefix(const std::string& entry) {
  return absl::StartsWith(entry, "proto[") || absl::StartsWith(entry, "tag[") ||
         absl::StartsWith(entry, "tag_") || absl::StartsWith(entry, "notls:") ||
         absl::StartsWith(entry, "btls:") || absl::StartsWith(entry, "mtls:");
}

absl::StatusOr<ListenEntry> WithPort(std::string host, std::string_view port_text) {
  const std::optional<uint32_t> port = ParseU32(port_text);
  if (!port || *port > std::numeric_limits<uint16_t>::max()) {
    return Bad("a port behind an address is 0 to 65535");
  }
  if (host.empty()) {
    return Bad("an address stands before its port, * for every address");
  }
  return ListenEntry{std::move(host), static_cast<uint16_t>(*port)};
}

absl::StatusOr<ListenEntry> ParseEntry(const std::string& entry) {
  if (HasPrefix(entry)) {
    return Bad("the prefixes proto, tag, notls, btls and mtls are not built in yet");
  }
  if (entry.front() == '[') {
    const size_t close = entry.find(']');
    if (close == std::string::npos || close == 1) {
      return Bad("an address in brackets is [v6 address] or [v6 address]:port");
    }
    std::string host = entry.substr(1, close - 1);
    const std::string rest = entry.substr(close + 1);
    if (rest.empty()) {
      return ListenEntry{std::move(host), std::nullopt};
    }
    if (rest.front() != ':') {
      return Bad("an address in brackets is [v6 address] or [v6 address]:port");
    }
    return WithPort(std::move(host), std::string_view(rest).substr(1));
  }
  // One colon parts the host from its port; more are a version 6 address.
  if (std::count(entry.begin(), entry.end(), ':') != 1) {
    return ListenEntry{entry, std::nullopt};
  }
  const size_t colon = entry.find(':');
  return WithPort(entry.substr(0, colon), std::string_view(entry).substr(colon + 1));
}

}  // namespace

absl::StatusOr<std::vector<ListenEntry>> ParseListenList(std::string_view text) {
  std::vector<ListenEntry> entries;
  const std::vector<std::string> words =
      absl::StrSplit(std::string(text), absl::ByAnyChar(",; "), absl::SkipEmpty());
  for (const std::string& word : words) {
    absl::StatusOr<ListenEntry> entry = ParseEntry(word);
    if (!entry.ok()) {
      return entry.status();
    }
    entries.push_back(*std::move(entry));
  }
  if (entries.empty()) {
    return Bad("it takes host, host:port, [v6 address]:port or *, several parted by commas");
  }
  return entries;
}

bool IsLoopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return std::memcmp(&v6, &in6addr_loopback, sizeof(v6)) == 0;
  }
  return host == "localhost";
}

}  // namespace quarry::daemon
