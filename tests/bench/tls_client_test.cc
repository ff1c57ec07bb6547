#include "tests/bench/tls_client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

/// The server's end over a blocking socket, with a certificate made on the spot.
class Peer {
 public:
  Peer() : context_(SSL_CTX_new(TLS_server_method())), key_(EVP_EC_gen("P-256")) {
    X509* const certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 60 * 60);
    X509_set_pubkey(certificate, key_);
    X509_sign(certificate, key_, EVP_sha256());
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key_);
    X509_free(certificate);
  }
  ~Peer() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    EVP_PKEY_free(key_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool Accept(int fd) {
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd);
    return SSL_accept(ssl_) == 1;
  }
  SSL* ssl() const { return ssl_; }

 private:
  SSL_CTX* const context_;
  EVP_PKEY* const key_;
  SSL* ssl_ = nullptr;
};

/// A client and its peer after their handshake, over a pair of sockets.
struct Pair {
  Pair() {
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    std::string error;
    const auto client = TlsClient::Create("TLS_AES_128_GCM_SHA256", &error);
    REQUIRE(client != nullptr);
    bool accepted = false;
    std::thread server([this, &accepted] { accepted = peer.Accept(fds[1]); });
    stream = client->Open(fds[0], &error);
    server.join();
    REQUIRE(error.empty());
    REQUIRE(accepted);
  }
  ~Pair() {
    close(fds[0]);
    close(fds[1]);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::array<int, 2> fds{};
  Peer peer;
  std::unique_ptr<TlsStream> stream;
};

TEST_CASE("What several records brought is received at once, and then there is nothing") {
  Pair pair;
  REQUIRE(SSL_write(pair.peer.ssl(), "one ", 4) == 4);
  REQUIRE(SSL_write(pair.peer.ssl(), "two", 3) == 3);
  std::vector<char> room(100);
  REQUIRE(pair.stream->Receive(room) == 7);
  CHECK(std::string(room.data(), 7) == "one two");
  CHECK(pair.stream->Receive(room) == -1);
  CHECK(errno == EAGAIN);
  SSL_shutdown(pair.peer.ssl());
  CHECK(pair.stream->Receive(room) == 0);
}

TEST_CASE("What the socket refuses is sent later, from where it was refused") {
  Pair pair;
  std::string bytes(4 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(i % 251);
  }
  size_t sent = 0;
  std::string arrived;
  std::vector<char> part(64 << 10);
  while (arrived.size() < bytes.size()) {
    const iovec rest = {bytes.data() + sent, bytes.size() - sent};
    const ssize_t taken = rest.iov_len > 0 ? pair.stream->Send({&rest, 1}) : 0;
    REQUIRE((taken >= 0 || errno == EAGAIN));
    sent += static_cast<size_t>(std::max<ssize_t>(taken, 0));
    const int got = SSL_read(pair.peer.ssl(), part.data(), static_cast<int>(part.size()));
    REQUIRE(got > 0);
    arrived.append(part.data(), static_cast<size_t>(got));
  }
  CHECK(arrived == bytes);
}

TEST_CASE("A cipher that nobody knows is refused by its name") {
  std::string error;
  CHECK(TlsClient::Create("TLS_ROT13", &error) == nullptr);
  CHECK(error.find("TLS_ROT13") != std::string::npos);
}

}  // namespace
}  // namespace quarry::bench
