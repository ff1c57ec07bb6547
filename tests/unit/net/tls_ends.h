#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <openssl/ssl.h>

#include "daemon/net/heap_budget.h"
#include "daemon/net/openssl_handles.h"
#include "daemon/net/tls_channel.h"
#include "daemon/net/tls_contexts.h"
#include "daemon/net/tls_options.h"
#include "daemon/net/tls_scratch.h"
#include "tests/support/catch.h"
#include "tests/unit/net/socket_pair.h"
#include "tests/unit/net/tls_files.h"

namespace quarry::net {

/// Both ends of a TLS connection within this process; the client's is OpenSSL's own.
class Ends {
 public:
  explicit Ends(
      const std::function<void(SSL_CTX*)>& configure_client = [](SSL_CTX*) {},
      bool kernel_tls = false) {
    TlsOptions options = files_.options();
    options.kernel_tls = kernel_tls;
    auto contexts = TlsContexts::Load(options);
    REQUIRE(contexts.ok());
    contexts_ = *std::move(contexts);
    server_ = contexts_->NewChannel(sockets_.first.value(), TlsVerify::kNone, scratch_);
    REQUIRE(server_ != nullptr);
    client_context_.reset(SSL_CTX_new(TLS_client_method()));
    configure_client(client_context_.get());
    client_.reset(SSL_new(client_context_.get()));
    REQUIRE(SSL_set_fd(client_.get(), sockets_.second.value()) == 1);
  }

  void ShakeHands() {
    bool client_done = false;
    bool server_done = false;
    for (int round = 0; round < 10 && !(client_done && server_done); ++round) {
      client_done = client_done || SSL_connect(client_.get()) == 1;
      server_done = server_done || server_->ContinueHandshake() == TlsChannel::Handshake::kDone;
    }
    REQUIRE((client_done && server_done));
  }

  /// What the client can read now.
  std::string ClientReads() {
    std::string read;
    std::array<char, 4096> piece = {};
    size_t count = 0;
    while (SSL_read_ex(client_.get(), piece.data(), piece.size(), &count) == 1) {
      read.append(piece.data(), count);
    }
    return read;
  }

  TlsChannel& server() { return *server_; }
  SSL* client() { return client_.get(); }
  int client_socket() const { return sockets_.second.value(); }
  int server_socket() const { return sockets_.first.value(); }
  void CloseServer() { server_.reset(); }
  void MakeMemoryScarce() {
    uint32_t charged = 0;
    budget_.Charge(HeapBudget::kFreeBytes + static_cast<size_t>(HeapBudget::kBytes), charged);
  }

 private:
  TlsFiles files_;
  SocketPair sockets_;
  std::unique_ptr<TlsContexts> contexts_;
  HeapBudget budget_;
  TlsScratch scratch_{TlsOptions().write_buffer_bytes, budget_};
  std::unique_ptr<TlsChannel> server_;
  SslContextHandle client_context_;
  SslHandle client_;
};

inline iovec Piece(std::string& text) {
  return {text.data(), text.size()};
}

}  // namespace quarry::net
