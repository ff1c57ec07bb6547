#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "daemon/net/event.h"
#include "daemon/net/tls_contexts.h"
#include "daemon/net/tls_handshakes.h"
#include "tests/support/catch.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"
#include "tests/unit/net/socket_pair.h"
#include "tests/unit/net/tls_ends.h"
#include "tests/unit/net/tls_files.h"

namespace quarry::net {
namespace {

TEST_CASE("What TLS has taken from the socket is told, so that no event is waited for") {
  Ends ends;
  ends.ShakeHands();
  const std::string sent(1000, 'x');
  REQUIRE(SSL_write(ends.client(), sent.data(), static_cast<int>(sent.size())) == 1000);
  std::string room(300, '\0');
  std::array<iovec, 1> vectors = {Piece(room)};
  TlsChannel::Received received = ends.server().Read(vectors);
  REQUIRE(received.bytes == 300);
  REQUIRE(received.filled);
  REQUIRE(ends.server().has_input());
  std::string rest(1000, '\0');
  vectors = {Piece(rest)};
  received = ends.server().Read(vectors);
  REQUIRE(received.bytes == 700);
  REQUIRE_FALSE(received.filled);
  REQUIRE_FALSE(ends.server().has_input());
  REQUIRE(ends.server().Read(vectors).bytes == 0);
}

/// Writes more than the socket takes, from other memory each time.
void RequireAllArrives(Ends& ends) {
  std::string sent(4 << 20, '\0');
  for (size_t i = 0; i < sent.size(); ++i) {
    sent[i] = static_cast<char>(i % 251);
  }
  std::string received;
  size_t done = 0;
  bool was_stopped = false;
  while (done < sent.size()) {
    std::string head = sent.substr(done, 100);
    std::string middle = sent.substr(done + head.size(), 5000);
    std::string tail = sent.substr(done + head.size() + middle.size());
    const std::array<iovec, 3> pieces = {Piece(head), Piece(middle), Piece(tail)};
    const TlsChannel::Sent result = ends.server().Write(pieces);
    REQUIRE_FALSE(result.broken);
    if (result.bytes == 0) {
      was_stopped = true;
      received += ends.ClientReads();
    }
    done += result.bytes;
  }
  received += ends.ClientReads();
  REQUIRE(was_stopped);
  REQUIRE(received == sent);
}

TEST_CASE("A write that the socket stops goes on where it was, from other memory") {
  Ends ends;
  ends.ShakeHands();
  RequireAllArrives(ends);
  ends.MakeMemoryScarce();
  RequireAllArrives(ends);
}

TEST_CASE("The client is told of the end") {
  Ends ends;
  ends.ShakeHands();
  ends.CloseServer();
  REQUIRE(ends.ClientReads().empty());
  REQUIRE((SSL_get_shutdown(ends.client()) & SSL_RECEIVED_SHUTDOWN) != 0);
}

TEST_CASE("At the end the client gets what was kept for it, and is told") {
  Ends ends;
  ends.ShakeHands();
  std::string sent(4 << 20, 'x');
  const std::array<iovec, 1> pieces = {Piece(sent)};
  size_t taken = 0;
  for (TlsChannel::Sent result = {.bytes = 1}; result.bytes > 0; taken += result.bytes) {
    result = ends.server().Write(pieces);
    REQUIRE_FALSE(result.broken);
  }
  size_t received = ends.ClientReads().size();
  ends.CloseServer();
  received += ends.ClientReads().size();
  REQUIRE(received > taken);  // a batch counts when all of it has left
  REQUIRE(ERR_peek_error() == 0);
  REQUIRE((SSL_get_shutdown(ends.client()) & SSL_RECEIVED_SHUTDOWN) != 0);
}

TEST_CASE("A client may ask for records so small that they take more than large ones") {
  Ends ends([](SSL_CTX* client) {
    SSL_CTX_set_tlsext_max_fragment_length(client, TLSEXT_max_fragment_length_512);
    SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(client, "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384");
  });
  ends.ShakeHands();
  RequireAllArrives(ends);
  ends.MakeMemoryScarce();
  RequireAllArrives(ends);
}

TEST_CASE("Without batches, as where the kernel is to encrypt, records go one by one") {
  Ends ends([](SSL_CTX*) {}, true);
  ends.ShakeHands();
  RequireAllArrives(ends);
}

TEST_CASE("A client's change of keys is answered") {
  Ends ends;
  ends.ShakeHands();
  REQUIRE(SSL_key_update(ends.client(), SSL_KEY_UPDATE_REQUESTED) == 1);
  REQUIRE(SSL_write(ends.client(), "abc", 3) == 3);
  std::string room(10, '\0');
  const std::array<iovec, 1> vectors = {Piece(room)};
  REQUIRE(ends.server().Read(vectors).bytes == 3);
  std::string reply = "xyz";
  const std::array<iovec, 1> pieces = {Piece(reply)};
  REQUIRE(ends.server().Write(pieces).bytes == 3);
  REQUIRE(ends.ClientReads() == "xyz");
}

TEST_CASE("A bad file is named, and those of before stay") {
  const TlsFiles files;
  const TlsOptions options = files.options();
  const auto contexts = TlsContexts::Load(options);
  REQUIRE(contexts.ok());
  std::ofstream(options.chain_cert_path) << "no certificate";
  const absl::Status status = (*contexts)->Reload();
  REQUIRE_THAT(std::string(status.message()), Catch::Contains(options.chain_cert_path));
  const HeapBudget budget;
  TlsScratch scratch(options.write_buffer_bytes, budget);
  const SocketPair sockets;
  REQUIRE((*contexts)->NewChannel(sockets.first.value(), TlsVerify::kNone, scratch) != nullptr);
}

TEST_CASE("A FIFO in the place of a file keeps nobody waiting and is named") {
  const TlsFiles files;
  TlsOptions options = files.options();
  options.ca_cert_path = options.chain_cert_path + ".authorities";
  std::filesystem::copy_file(options.chain_cert_path, options.ca_cert_path);
  const auto contexts = TlsContexts::Load(options);
  REQUIRE(contexts.ok());
  // The one that is read last is the first to be replaced.
  for (const std::string& path :
       {options.ca_cert_path, options.key_path, options.chain_cert_path}) {
    std::filesystem::remove(path);
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    REQUIRE_THAT(std::string((*contexts)->Reload().message()),
                 Catch::EndsWith(path + ": not a regular file"));
  }
}

TEST_CASE("A handshake that takes too long is given up") {
  const TlsFiles files;
  RunningServer::Settings settings = RunningServer::Defaults();
  settings.server.tls = files.options();
  settings.server.tls->handshake_limit_ms = 20;
  settings.server.listen.front().traits.tls = TlsVerify::kNone;
  RunningServer server(settings);
  Client silent(server.port());
  Client slow(server.port());
  slow.Send("\x16\x03\x01");
  REQUIRE(silent.AtEnd());
  REQUIRE(slow.AtEnd());
  REQUIRE(Eventually([&server] { return server.connection_count() == 0; }));
  REQUIRE(server.context().connections.tls_handshake_errors.load() == 2);
}

TEST_CASE("A connection that comes when no handshakes are taken is told to those who watch") {
  auto loop = EventLoop::Create();
  REQUIRE(loop.ok());
  command::ConnectionCounters counters;
  counters.current = 1;
  std::vector<std::string> reasons;
  TlsHandshakes handshakes(
      **loop, counters,
      {.tell_failure = [&reasons](int, std::string_view reason) { reasons.emplace_back(reason); },
       .sink = {}});
  handshakes.CloseAll();
  handshakes.Begin({});
  REQUIRE(reasons == std::vector<std::string>{"the server is ending"});
  REQUIRE(counters.current.load() == 0);
}

}  // namespace
}  // namespace quarry::net
