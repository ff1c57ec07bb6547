#include "daemon/net/tls_contexts.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <openssl/err.h>

#include "core/base/check.h"

namespace quarry::net {
namespace {

/// What OpenSSL says about the failure that has just happened.
absl::Status OpenSslError(const std::string& what) {
  // The first error is the cause, unless it is only that a file could not be opened: then the
  // system's own words are there.
  const uint64_t code = ERR_get_error();
  std::string reason = "unknown reason";
  if (ERR_SYSTEM_ERROR(code)) {
    return absl::ErrnoToStatus(ERR_GET_REASON(code), what);
  }
  if (const char* text = ERR_reason_error_string(code)) {
    reason = text;
  }
  ERR_clear_error();
  return absl::InvalidArgumentError(what + ": " + reason);
}

int VerifyFlags(TlsVerify verify) {
  switch (verify) {
    case TlsVerify::kNone:
      return SSL_VERIFY_NONE;
    case TlsVerify::kRequest:
      return SSL_VERIFY_PEER;
    case TlsVerify::kRequire:
      break;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

/// How the library is to behave, whatever the certificates are.
void Configure(SSL_CTX* context, const TlsOptions& options) {
  SSL_CTX_set_min_proto_version(
      context, options.min_version == TlsVersion::kTls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  // Requests and replies tell their own lengths, so an end without notice cuts nothing unseen.
  uint64_t flags = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF;
  if (options.kernel_tls) {
    flags |= SSL_OP_ENABLE_KTLS;
  }
  // Tickets are encrypted with a key that lives as long as the context: nothing is kept here.
  if (options.session_tickets) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_num_tickets(context, 1);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    flags |= SSL_OP_NO_TICKET;
  }
  SSL_CTX_set_options(context, flags);
  // An idle connection keeps no buffers, and unsent replies may have been copied meanwhile.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One system call for several records, instead of two for each.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_dh_auto(context, 1);
  // A key that wants a pass phrase is refused, instead of asking for it on the terminal.
  SSL_CTX_set_default_passwd_cb(
      context, [](char* /*text*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; });
}

/// Asked before OpenSSL opens the file: a FIFO in its place would keep the server waiting for a
/// writer. `what` names the file.
absl::Status CheckRegularFile(const std::string& path, const std::string& what) {
  struct stat file = {};
  if (stat(path.c_str(), &file) != 0) {
    return absl::ErrnoToStatus(errno, what);
  }
  return S_ISREG(file.st_mode) ? absl::OkStatus()
                               : absl::InvalidArgumentError(what + ": not a regular file");
}

absl::Status LoadChain(SSL_CTX* context, const std::string& path) {
  const std::string what = "the certificate chain " + path;
  if (absl::Status status = CheckRegularFile(path, what); !status.ok()) {
    return status;
  }
  return SSL_CTX_use_certificate_chain_file(context, path.c_str()) == 1 ? absl::OkStatus()
                                                                        : OpenSslError(what);
}

absl::Status LoadKey(SSL_CTX* context, const TlsOptions& options) {
  const std::string what = "the private key " + options.key_path;
  if (absl::Status status = CheckRegularFile(options.key_path, what); !status.ok()) {
    return status;
  }
  const bool is_loaded =
      SSL_CTX_use_PrivateKey_file(context, options.key_path.c_str(),
                                  options.key_is_der ? SSL_FILETYPE_ASN1 : SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context) == 1;
  return is_loaded ? absl::OkStatus() : OpenSslError(what);
}

absl::Status LoadAuthorities(SSL_CTX* context, const std::string& path) {
  const std::string what = "the authorities' certificates " + path;
  if (absl::Status status = CheckRegularFile(path, what); !status.ok()) {
    return status;
  }
  if (SSL_CTX_load_verify_file(context, path.c_str()) != 1) {
    return OpenSslError(what);
  }
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(path.c_str());
  if (names == nullptr) {
    return OpenSslError(what);
  }
  SSL_CTX_set_client_CA_list(context, names);  // which owns them from now on
  return absl::OkStatus();
}

absl::StatusOr<SslContextHandle> NewContext(const TlsOptions& options, TlsVerify verify) {
  ERR_clear_error();
  SslContextHandle context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    return OpenSslError("a TLS context");
  }
  Configure(context.get(), options);
  if (!options.ciphers.empty() &&
      SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str()) != 1) {
    return OpenSslError("the ciphers " + options.ciphers);
  }
  if (absl::Status status = LoadChain(context.get(), options.chain_cert_path); !status.ok()) {
    return status;
  }
  if (absl::Status status = LoadKey(context.get(), options); !status.ok()) {
    return status;
  }
  if (!options.ca_cert_path.empty()) {
    if (absl::Status status = LoadAuthorities(context.get(), options.ca_cert_path); !status.ok()) {
      return status;
    }
  }
  SSL_CTX_set_verify(context.get(), VerifyFlags(verify), nullptr);
  const auto kind = static_cast<unsigned char>(verify);
  QUARRY_CHECK(SSL_CTX_set_session_id_context(context.get(), &kind, sizeof(kind)) == 1);
  return context;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContexts>> TlsContexts::Load(const TlsOptions& options) {
  QUARRY_CHECK(options.write_buffer_bytes > 0);
  std::unique_ptr<TlsContexts> contexts(new TlsContexts(options));
  if (absl::Status status = contexts->Reload(); !status.ok()) {
    return status;
  }
  return contexts;
}

absl::Status TlsContexts::Reload() {
  absl::StatusOr<Contexts> fresh = Create();
  if (!fresh.ok()) {
    return fresh.status();
  }
  const MutexLock lock(mutex_);
  contexts_.swap(*fresh);  // connections of before keep theirs alive
  return absl::OkStatus();
}

absl::StatusOr<TlsContexts::Contexts> TlsContexts::Create() const {
  Contexts contexts;
  for (size_t i = 0; i < contexts.size(); ++i) {
    auto context = NewContext(options_, static_cast<TlsVerify>(i));
    if (!context.ok()) {
      return context.status();
    }
    contexts[i] = *std::move(context);
  }
  return contexts;
}

std::unique_ptr<TlsChannel> TlsContexts::NewChannel(int socket, TlsVerify verify,
                                                    TlsScratch& scratch) {
  SslHandle ssl;
  {
    const MutexLock lock(mutex_);
    ssl.reset(SSL_new(contexts_[static_cast<size_t>(verify)].get()));
  }
  std::unique_ptr<TlsChannel> channel;
  if (ssl != nullptr) {
    SSL_set_accept_state(ssl.get());
    channel = TlsChannel::Create(std::move(ssl), socket, options_.kernel_tls, scratch);
  }
  ERR_clear_error();
  return channel;
}

}  // namespace quarry::net
