#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace quarry::net {

/// What a listener wants of its clients' certificates. As renegotiation is off, a client is asked
/// once in any case.
enum class TlsVerify : uint8_t {
  kNone,     ///< nothing
  kRequest,  ///< one that is sent must be good; a client may go without
  kRequire,  ///< a good one
};

/// The oldest version that is spoken.
enum class TlsVersion : uint8_t {
  kTls12,
  kTls13,
};

/// How TLS is spoken. Plain data.
struct TlsOptions {
  std::string chain_cert_path;  ///< PEM: the server's certificate, then those that lead to its root
  std::string key_path;
  bool key_is_der = false;   ///< else PEM
  std::string ca_cert_path;  ///< PEM: who may have signed clients' certificates; empty: nobody
  TlsVerify verify = TlsVerify::kNone;  ///< of listeners that do not choose for themselves
  std::string ciphers;                  ///< for TLS 1.2, in OpenSSL's notation; empty: its default
  TlsVersion min_version = TlsVersion::kTls12;
  size_t write_buffer_bytes = 16384;  ///< small replies are gathered into records up to this size
  bool session_tickets = false;       ///< clients may resume their sessions
  bool kernel_tls = false;            ///< the kernel encrypts where it can
  uint32_t handshake_limit_ms = 10'000;  ///< a handshake that takes longer is given up
};

}  // namespace quarry::net
