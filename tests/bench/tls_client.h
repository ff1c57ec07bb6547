#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <openssl/ssl.h>

namespace quarry::bench {

/// A client's end of TLS 1.3 over a connected, non-blocking socket, which it does not own. One
/// thread.
class TlsStream {
 public:
  /// As recv does: how many bytes were put into `room`, 0 at the end, or -1 with errno, which is
  /// EAGAIN where none are there. Fewer than fit mean that no more are there.
  ssize_t Receive(std::span<char> room);

  /// As sendmsg does: how many bytes were taken off the front of `pieces`, or -1 with errno, which
  /// is EAGAIN where the socket takes none. What was refused must come first in the next call.
  /// Several records leave in one call, so that a client of large values is not slower than its
  /// server.
  ssize_t Send(std::span<const iovec> pieces);

 private:
  friend class TlsClient;
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  TlsStream(SSL* ssl, int fd) : ssl_(ssl), fd_(fd) {}

  /// Has OpenSSL write to memory from now on; false where that has run out.
  bool BeginBatches();
  bool EncryptBatch(std::span<const iovec> pieces);
  /// False, with errno, where not all of it has left.
  bool SendBatch();

  const std::unique_ptr<SSL, Free> ssl_;
  const int fd_;
  BIO* batch_ = nullptr;     // ssl_ owns it: records on their way
  size_t batch_offset_ = 0;  // how much of it has been sent
  size_t batch_bytes_ = 0;   // how much of the pieces is in it
};

/// Opens streams that all use one cipher. It trusts every certificate: what is measured is on the
/// same machine.
class TlsClient {
 public:
  /// `cipher` by its TLS 1.3 name. Nothing, with the reason in *error, where OpenSSL has no such
  /// one.
  static std::unique_ptr<TlsClient> Create(const std::string& cipher, std::string* error);

  /// Shakes hands over `fd` and waits until that is done. Nothing, with the reason in *error, where
  /// the server does not agree in time.
  std::unique_ptr<TlsStream> Open(int fd, std::string* error) const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  explicit TlsClient(SSL_CTX* context) : context_(context) {}

  const std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace quarry::bench
