#include "daemon/listen_list.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include <absl/status/status.h>
#include <absl/strings/str_split.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

absl::Status Bad(const char* reason) {
  return absl::InvalidArgumentError(reason);
}

constexpr size_t kMaxTagBytes = 8;

/// Takes `prefix` from the front of `text`: false where it does not stand there.
bool Take(std::string_view prefix, std::string_view& text) {
  if (text.substr(0, prefix.size()) != prefix) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes what stands in front of `end`, and `end`: nothing where that is missing.
std::optional<std::string_view> TakeUntil(std::string_view end, std::string_view& text) {
  const size_t found = text.find(end);
  if (found == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view taken = text.substr(0, found);
  text.remove_prefix(found + end.size());
  return taken;
}

absl::Status TakeProtocol(std::string_view& text, ListenEntry& entry) {
  const std::optional<std::string_view> name = TakeUntil("]:", text);
  if (entry.protocol != ListenProtocol::kDefault) {
    return Bad("an address has one proto[name]:");
  }
  if (name == "ascii") {
    entry.protocol = ListenProtocol::kAscii;
  } else if (name == "binary") {
    entry.protocol = ListenProtocol::kBinary;
  } else if (name == "negotiating") {
    entry.protocol = ListenProtocol::kNegotiating;
  } else {
    return Bad("a protocol is proto[ascii]:, proto[binary]: or proto[negotiating]:");
  }
  return absl::OkStatus();
}

absl::Status TakeTag(std::string_view end, std::string_view& text, ListenEntry& entry) {
  const std::optional<std::string_view> tag = TakeUntil(end, text);
  if (!tag || tag->empty() || tag->size() > kMaxTagBytes || !entry.tag.empty()) {
    return Bad("a tag is tag[name]: or tag_name_: with a name of 1 to 8 bytes, once");
  }
  entry.tag = *tag;
  return absl::OkStatus();
}

absl::Status SetTls(ListenTls tls, ListenEntry& entry) {
  if (entry.tls != ListenTls::kDefault) {
    return Bad("an address has one of notls:, btls: and mtls:");
  }
  entry.tls = tls;
  return absl::OkStatus();
}

/// Takes one of memcached's prefixes, which choose a protocol, a tag or TLS for one listener.
/// Nothing where none stands there.
std::optional<absl::Status> TakePrefix(std::string_view& text, ListenEntry& entry) {
  if (Take("proto[", text)) {
    return TakeProtocol(text, entry);
  }
  if (Take("tag[", text)) {
    return TakeTag("]:", text, entry);
  }
  if (Take("tag_", text)) {
    return TakeTag("_:", text, entry);
  }
  if (Take("notls:", text)) {
    return SetTls(ListenTls::kPlain, entry);
  }
  if (Take("btls:", text)) {
    return SetTls(ListenTls::kBasic, entry);
  }
  if (Take("mtls:", text)) {
    return SetTls(ListenTls::kMutual, entry);
  }
  return std::nullopt;
}

/// What stands behind the prefixes.
struct HostPort {
  std::string host;
  std::optional<uint16_t> port;
};

absl::StatusOr<HostPort> WithPort(std::string host, std::string_view port_text) {
  const std::optional<uint32_t> port = ParseU32(port_text);
  if (!port || *port > std::numeric_limits<uint16_t>::max()) {
    return Bad("a port behind an address is 0 to 65535");
  }
  if (host.empty()) {
    return Bad("an address stands before its port, * for every address");
  }
  return HostPort{std::move(host), static_cast<uint16_t>(*port)};
}

absl::StatusOr<HostPort> ParseHostPort(const std::string& entry) {
  if (entry.empty()) {
    return Bad("an address stands behind the prefixes");
  }
  if (entry.front() == '[') {
    const size_t close = entry.find(']');
    if (close == std::string::npos || close == 1) {
      return Bad("an address in brackets is [v6 address] or [v6 address]:port");
    }
    std::string host = entry.substr(1, close - 1);
    const std::string rest = entry.substr(close + 1);
    if (rest.empty()) {
      return HostPort{std::move(host), std::nullopt};
    }
    if (rest.front() != ':') {
      return Bad("an address in brackets is [v6 address] or [v6 address]:port");
    }
    return WithPort(std::move(host), std::string_view(rest).substr(1));
  }
  // One colon parts the host from its port; more are a version 6 address.
  if (std::count(entry.begin(), entry.end(), ':') != 1) {
    return HostPort{entry, std::nullopt};
  }
  const size_t colon = entry.find(':');
  return WithPort(entry.substr(0, colon), std::string_view(entry).substr(colon + 1));
}

absl::StatusOr<ListenEntry> ParseEntry(std::string_view text) {
  ListenEntry entry;
  while (const std::optional<absl::Status> status = TakePrefix(text, entry)) {
    if (!status->ok()) {
      return *status;
    }
  }
  absl::StatusOr<HostPort> address = ParseHostPort(std::string(text));
  if (!address.ok()) {
    return address.status();
  }
  entry.host = std::move(address->host);
  entry.port = address->port;
  return entry;
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
