#include "tests/bench/tls_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <openssl/err.h>

namespace quarry::bench {
namespace {

constexpr int kHandshakeTimeoutMs = 10'000;
constexpr size_t kBatchBytes = size_t{64} << 10;

std::string LastError() {
  const auto code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection ended" : reason;
}

bool IsRetry(int error) {
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

}  // namespace

ssize_t TlsStream::Receive(std::span<char> room) {
  size_t received = 0;
  ERR_clear_error();
  while (received < room.size()) {
    size_t part = 0;
    const int result =
        SSL_read_ex(ssl_.get(), room.data() + received, room.size() - received, &part);
    if (result == 1) {
      received += part;
      continue;
    }
    if (received > 0) {
      break;  // the next call meets the same end again
    }
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_ZERO_RETURN) {
      return 0;
    }
    errno = IsRetry(error) ? EAGAIN : EPROTO;
    return -1;
  }
  return static_cast<ssize_t>(received);
}

ssize_t TlsStream::Send(std::span<const iovec> pieces) {
  if (batch_bytes_ == 0 && !EncryptBatch(pieces)) {
    errno = EPROTO;
    return -1;
  }
  if (!SendBatch()) {
    return -1;
  }
  return static_cast<ssize_t>(std::exchange(batch_bytes_, 0));
}

bool TlsStream::EncryptBatch(std::span<const iovec> pieces) {
  ERR_clear_error();
  for (const iovec& piece : pieces) {
    const char* const bytes = static_cast<const char*>(piece.iov_base);
    size_t part = 0;
    for (size_t done = 0; done < piece.iov_len && batch_bytes_ < kBatchBytes; done += part) {
      if (SSL_write_ex(ssl_.get(), bytes + done, piece.iov_len - done, &part) != 1) {
        return false;  // memory takes everything, so nothing is to be tried again
      }
      batch_bytes_ += part;
    }
  }
  return true;
}

bool TlsStream::SendBatch() {
  char* bytes = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(batch_, &bytes));
  while (batch_offset_ < size) {
    const ssize_t sent =
        send(fd_, bytes + batch_offset_, size - batch_offset_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      return false;
    }
    batch_offset_ += static_cast<size_t>(sent);
  }
  batch_offset_ = 0;
  return BIO_reset(batch_) == 1;
}

bool TlsStream::BeginBatches() {
  batch_ = BIO_new(BIO_s_mem());
  SSL_set0_wbio(ssl_.get(), batch_);
  return batch_ != nullptr;
}

std::unique_ptr<TlsClient> TlsClient::Create(const std::string& cipher, std::string* error) {
  std::unique_ptr<TlsClient> client(new TlsClient(SSL_CTX_new(TLS_client_method())));
  SSL_CTX* const context = client->context_.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, cipher.c_str()) != 1) {
    *error = "TLS with " + cipher + ": " + LastError();
    return nullptr;
  }
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return client;
}

std::unique_ptr<TlsStream> TlsClient::Open(int fd, std::string* error) const {
  std::unique_ptr<TlsStream> stream(new TlsStream(SSL_new(context_.get()), fd));
  SSL* const ssl = stream->ssl_.get();
  ERR_clear_error();
  if (ssl == nullptr || SSL_set_fd(ssl, fd) != 1) {
    *error = "TLS: " + LastError();
    return nullptr;
  }
  for (int result = SSL_connect(ssl); result != 1; result = SSL_connect(ssl)) {
    const int reason = SSL_get_error(ssl, result);
    if (!IsRetry(reason)) {
      *error = "TLS handshake: " + LastError();
      return nullptr;
    }
    pollfd waited{fd, POLLIN, 0};
    if (reason == SSL_ERROR_WANT_WRITE) {
      waited.events = POLLOUT;
    }
    if (poll(&waited, 1, kHandshakeTimeoutMs) <= 0) {
      *error = "TLS handshake: no answer in time";
      return nullptr;
    }
  }
  if (!stream->BeginBatches()) {
    *error = "TLS: out of memory";
    return nullptr;
  }
  return stream;
}

}  // namespace quarry::bench
