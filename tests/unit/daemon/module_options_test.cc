#include "daemon/module_options.h"

#include <filesystem>
#include <string>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

/// The addresses that TCP is listened on, as "host port", parted by a bar.
std::string Addresses(const Options& options) {
  return absl::StrJoin(ServerOptionsFrom(options).listen, "|",
                       [](std::string* out, const net::ListenAddress& address) {
                         absl::StrAppend(out, address.host, " ", address.port);
                       });
}

TEST_CASE("The loopback addresses are listened on unless others are named") {
  Options options;
  CHECK(Addresses(options) == "127.0.0.1 11211|::1 11211");
  CHECK(ServerOptionsFrom(options).missing_family_is_fine);
  options.listen = {{"*", std::nullopt}, {"::1", uint16_t{5}}};
  CHECK(Addresses(options) == "* 11211|::1 5");
  CHECK_FALSE(ServerOptionsFrom(options).missing_family_is_fine);
}

TEST_CASE("Any free port is asked for as port 0") {
  Options options;
  options.port = Options::kRandomPort;
  CHECK(Addresses(options) == "127.0.0.1 0|::1 0");
}

TEST_CASE("A UNIX socket or port 0 leaves no TCP") {
  Options options;
  options.port = Options::kTcpOff;
  CHECK(Addresses(options).empty());
  options = Options{};
  options.unix_socket = "relative";
  CHECK(Addresses(options).empty());
  CHECK(ServerOptionsFrom(options).unix_socket ==
        (std::filesystem::current_path() / "relative").string());
}

TEST_CASE("A chunk has room for the header and the least item") {
  Options options;
  CHECK(EngineOptionsFrom(options).min_chunk_bytes == 32);
  options.min_item_bytes = 48;
  CHECK(EngineOptionsFrom(options).min_chunk_bytes == 68);
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
