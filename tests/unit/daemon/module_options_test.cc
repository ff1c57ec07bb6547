#include "daemon/module_options.h"

#include <filesystem>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

/// "host port", parted by a bar.
std::string Joined(const std::vector<net::ListenAddress>& addresses) {
  return absl::StrJoin(addresses, "|", [](std::string* out, const net::ListenAddress& address) {
    absl::StrAppend(out, address.host, " ", address.port);
  });
}

/// The addresses that TCP is listened on.
std::string Addresses(const Options& options) {
  return Joined(ServerOptionsFrom(options).listen);
}

std::string UdpAddresses(const Options& options) {
  return Joined(ServerOptionsFrom(options).udp);
}

TEST_CASE("The loopback addresses are listened on unless others are named") {
  Options options;
  CHECK(Addresses(options) == "127.0.0.1 11211|::1 11211");
  CHECK(ServerOptionsFrom(options).missing_family_is_fine);
  options.listen = {{"*", std::nullopt}, {"::1", uint16_t{5}}};
  CHECK(Addresses(options) == "* 11211|::1 5");
  CHECK_FALSE(ServerOptionsFrom(options).missing_family_is_fine);
}

TEST_CASE("An address that is given again is listened on once") {
  Options options;
  options.listen = {{"a", std::nullopt}, {"b", uint16_t{5}},     {"a", std::nullopt},
                    {"b", uint16_t{5}},  {"a", uint16_t{11211}}, {"a", uint16_t{6}}};
  CHECK(Addresses(options) == "a 11211|b 5|a 6");
  options.listen = {{"a", std::nullopt}, {"a", std::nullopt, ListenTls::kPlain}};
  options.tls_enabled = true;
  CHECK(Addresses(options) == "a 11211|a 11211");  // which cannot be, and is told when it is tried
}

TEST_CASE("Any free port is asked for as port 0") {
  Options options;
  options.port = Options::kRandomPort;
  CHECK(Addresses(options) == "127.0.0.1 0|::1 0");
}

TEST_CASE("A UNIX socket or port 0 leaves no TCP") {
  Options options;
  options.port = Options::kPortOff;
  CHECK(Addresses(options).empty());
  options = Options{};
  options.unix_socket = "relative";
  CHECK(Addresses(options).empty());
  CHECK(ServerOptionsFrom(options).unix_socket ==
        (std::filesystem::current_path() / "relative").string());
}

TEST_CASE("A UNIX socket is beside TCP where that is asked for as well") {
  Options options;
  options.unix_socket = "/socket";
  options.port_given = true;
  CHECK(Addresses(options) == "127.0.0.1 11211|::1 11211");
  options.port_given = false;
  options.listen = {{"*", std::nullopt}};
  CHECK(Addresses(options) == "* 11211");
}

TEST_CASE("UDP is off unless asked for, and has one port for all addresses") {
  Options options;
  CHECK(UdpAddresses(options).empty());
  options.udp_port = 5;
  CHECK(UdpAddresses(options) == "127.0.0.1 5|::1 5");
  options.listen = {{"a", uint16_t{1}}, {"a", uint16_t{2}}, {"b", std::nullopt}};
  CHECK(UdpAddresses(options) == "a 5|b 5");
  options.udp_port = Options::kRandomPort;
  CHECK(UdpAddresses(options) == "a 0|b 0");
}

TEST_CASE("TLS is as a listener's prefix says, else as ssl_verify_mode does") {
  Options options;
  options.listen = {{"a", std::nullopt, ListenTls::kDefault},
                    {"b", std::nullopt, ListenTls::kPlain},
                    {"c", std::nullopt, ListenTls::kBasic},
                    {"d", std::nullopt, ListenTls::kMutual}};
  CHECK_FALSE(ServerOptionsFrom(options).tls.has_value());
  CHECK_FALSE(ServerOptionsFrom(options).listen.front().traits.tls.has_value());
  options.tls_enabled = true;
  options.tls.verify = net::TlsVerify::kRequest;
  const net::ServerOptions server = ServerOptionsFrom(options);
  CHECK(server.tls.has_value());
  CHECK(server.listen[0].traits.tls == net::TlsVerify::kRequest);
  CHECK_FALSE(server.listen[1].traits.tls.has_value());
  CHECK(server.listen[2].traits.tls == net::TlsVerify::kNone);
  CHECK(server.listen[3].traits.tls == net::TlsVerify::kRequire);
}

TEST_CASE("A chunk has room for the header and the least item") {
  Options options;
  CHECK(EngineOptionsFrom(options).min_chunk_bytes == 32);
  options.min_item_bytes = 48;
  CHECK(EngineOptionsFrom(options).min_chunk_bytes == 68);
  options.min_item_bytes = 4096;
  CHECK(EngineOptionsFrom(options).min_chunk_bytes == core::EngineOptions::kMostMinChunkBytes);
  options.min_item_bytes = 1;
  CHECK(EngineOptionsFrom(options).min_chunk_bytes == 32);
}

TEST_CASE("More workers and listeners need more descriptors beside the clients'") {
  Options options;
  const uint32_t before = ReservedDescriptors(options);
  options.worker_count += 1;
  CHECK(ReservedDescriptors(options) > before);
}

}  // namespace
}  // namespace quarry::daemon
