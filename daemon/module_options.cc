#include "daemon/module_options.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/item.h"
#include "daemon/absolute_path.h"

namespace quarry::daemon {
namespace {

// Standard streams, a log's file, listeners and their loop, whatever libraries keep open.
constexpr uint32_t kProcessDescriptors = 32;

std::optional<net::TlsVerify> TlsOf(const ListenEntry& entry, const Options& options) {
  if (!options.tls_enabled) {
    return std::nullopt;
  }
  switch (entry.tls) {
    case ListenTls::kPlain:
      return std::nullopt;
    case ListenTls::kBasic:
      return net::TlsVerify::kNone;
    case ListenTls::kMutual:
      return net::TlsVerify::kRequire;
    case ListenTls::kDefault:
      break;
  }
  return options.tls.verify;
}

std::optional<protocol::AcceptedForms> FormsOf(ListenProtocol protocol) {
  switch (protocol) {
    case ListenProtocol::kAscii:
      return protocol::AcceptedForms::kTextOnly;
    case ListenProtocol::kBinary:
      return protocol::AcceptedForms::kBinaryOnly;
    case ListenProtocol::kNegotiating:
      return protocol::AcceptedForms::kBoth;
    case ListenProtocol::kDefault:
      break;
  }
  return std::nullopt;
}

net::ListenerTraits TraitsOf(const ListenEntry& entry, const Options& options) {
  return {.tls = TlsOf(entry, options), .forms = FormsOf(entry.protocol), .tag = entry.tag};
}

/// The addresses of -l with `port` where they have none of their own, or with it alone.
enum class Ports : bool {
  kOwn,
  kSame,
};

std::vector<net::ListenAddress> ListenAddresses(const Options& options, int32_t given_port,
                                                Ports ports) {
  if (given_port == Options::kPortOff) {
    return {};
  }
  const uint16_t port =
      given_port == Options::kRandomPort ? uint16_t{0} : static_cast<uint16_t>(given_port);
  if (options.listen.empty()) {
    const net::ListenerTraits traits = TraitsOf({}, options);
    return {{"127.0.0.1", port, traits}, {"::1", port, traits}};
  }
  std::vector<net::ListenAddress> addresses;
  for (const ListenEntry& entry : options.listen) {
    const uint16_t entry_port = ports == Ports::kOwn ? entry.port.value_or(port) : port;
    addresses.push_back({entry.host, entry_port, TraitsOf(entry, options)});
  }
  return addresses;
}

/// Without those that are given again.
std::vector<net::ListenAddress> TcpAddresses(const Options& options) {
  const bool is_alone = options.unix_socket.empty();
  const bool is_asked_for = options.port_given || !options.listen.empty();
  std::vector<net::ListenAddress> addresses;
  if (is_alone || is_asked_for) {
    for (net::ListenAddress& address : ListenAddresses(options, options.port, Ports::kOwn)) {
      if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
        addresses.push_back(std::move(address));
      }
    }
  }
  return addresses;
}

/// One for each host of -l, however many ports it has there.
std::vector<net::ListenAddress> UdpAddresses(const Options& options) {
  std::vector<net::ListenAddress> addresses;
  for (net::ListenAddress& address : ListenAddresses(options, options.udp_port, Ports::kSame)) {
    const bool is_known =
        std::any_of(addresses.begin(), addresses.end(),
                    [&address](const auto& known) { return known.host == address.host; });
    if (!is_known) {
      addresses.push_back(std::move(address));
    }
  }
  return addresses;
}

}  // namespace

core::EngineOptions EngineOptionsFrom(const Options& options) {
  core::EngineOptions engine;
  engine.memory_bytes = options.memory_bytes;
  engine.max_item_bytes = options.max_item_bytes;
  engine.evict = options.evict;
  engine.cas_enabled = options.cas_enabled;
  engine.growth_factor = options.growth_factor;
  engine.reader_count = options.worker_count;
  engine.min_chunk_bytes =
      std::max(engine.min_chunk_bytes, options.min_item_bytes + uint32_t{sizeof(core::Item)});
  return engine;
}

net::ServerOptions ServerOptionsFrom(const Options& options) {
  net::ServerOptions server;
  server.listen = TcpAddresses(options);
  server.udp = UdpAddresses(options);
  server.udp_reply_factor = options.udp_reply_factor;
  server.missing_family_is_fine = options.listen.empty();
  if (options.tls_enabled) {
    server.tls = options.tls;
    for (std::string* path :
         {&server.tls->chain_cert_path, &server.tls->key_path, &server.tls->ca_cert_path}) {
      *path = AbsolutePath(*path);  // they are read again later
    }
  }
  server.unix_socket = AbsolutePath(options.unix_socket);
  server.unix_socket_mode = options.unix_socket_mode;
  server.worker_count = options.worker_count;
  server.max_connections = options.max_connections;
  server.reject_beyond_limit = options.reject_beyond_limit;
  server.idle_timeout_sec = options.idle_timeout_sec;
  server.listen_backlog = static_cast<int>(options.listen_backlog);
  server.max_requests_per_event = options.max_requests_per_event;
  return server;
}

uint32_t ReservedDescriptors(const Options& options) {
  const auto listeners = static_cast<uint32_t>(options.listen.size());
  return kProcessDescriptors + 4 * listeners +
         net::Server::kWorkerDescriptors * options.worker_count;
}

}  // namespace quarry::daemon
