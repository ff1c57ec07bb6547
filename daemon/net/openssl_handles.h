#pragma once

#include <memory>

#include <openssl/ssl.h>

namespace quarry::net {

/// Ends OpenSSL's objects. Both are counted by reference: an SSL keeps its SSL_CTX alive.
struct FreeOpenSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslHandle = std::unique_ptr<SSL, FreeOpenSsl>;
using SslContextHandle = std::unique_ptr<SSL_CTX, FreeOpenSsl>;

}  // namespace quarry::net
