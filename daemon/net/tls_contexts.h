#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "core/base/mutex.h"
#include "daemon/net/openssl_handles.h"
#include "daemon/net/tls_channel.h"
#include "daemon/net/tls_options.h"

namespace quarry::net {

/// The certificates, keys and rules that new TLS connections begin with: one OpenSSL context for
/// each kind of listener, so that a session of one that asks for no certificate cannot be resumed
/// at one that does. Safe on any thread.
class TlsContexts {
 public:
  /// Reads the files that `options` name. Errors name the file and the reason.
  static absl::StatusOr<std::unique_ptr<TlsContexts>> Load(const TlsOptions& options);

  TlsContexts(const TlsContexts&) = delete;
  TlsContexts& operator=(const TlsContexts&) = delete;
  ~TlsContexts() = default;

  /// Reads the files again, for connections that begin afterwards; sessions of before cannot be
  /// resumed then. On any error everything stays as it was.
  absl::Status Reload();

  /// The server's side of a handshake over `socket`, for which `verify` holds; `scratch` as the
  /// channel's, for options().write_buffer_bytes. Null when memory has run out.
  std::unique_ptr<TlsChannel> NewChannel(int socket, TlsVerify verify, TlsScratch& scratch);

  const TlsOptions& options() const { return options_; }

 private:
  /// By TlsVerify.
  using Contexts = std::array<SslContextHandle, 3>;

  explicit TlsContexts(const TlsOptions& options) : options_(options) {}

  absl::StatusOr<Contexts> Create() const;

  const TlsOptions options_;
  Mutex mutex_;
  Contexts contexts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::net
