#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace quarry::net {

/// Makes the records of a client of TLS 1.3 after its handshake, so that a test can send what
/// OpenSSL's client would not. For TLS_AES_256_GCM_SHA384 alone.
class TlsRecords {
 public:
  /// A message that changes the client's keys, and asks for nothing.
  static constexpr std::string_view kKeyUpdate{"\x18\0\0\x01\0", 5};

  /// Has connections of `context` tell their secrets here. Outlives them; one connection.
  explicit TlsRecords(SSL_CTX* context);
  TlsRecords(const TlsRecords&) = delete;
  TlsRecords& operator=(const TlsRecords&) = delete;
  ~TlsRecords() = default;

  std::string Data(std::string_view bytes) { return Record(23, bytes); }
  /// Part of a message of the handshake's kind, as a change of keys is.
  std::string Handshake(std::string_view bytes) { return Record(22, bytes); }
  /// "No more will come."
  std::string CloseNotify() { return Record(21, {"\x01\0", 2}); }
  /// What follows kKeyUpdate is made with new keys.
  void UpdateKeys();

 private:
  static void NoteSecret(const SSL* ssl, const char* line);
  std::string Record(char type, std::string_view bytes);
  /// `bytes` bytes that are derived from the secret, as RFC 8446 says in 7.1.
  std::string Derive(std::string_view label, size_t bytes) const;

  std::string secret_;
  uint64_t sequence_ = 0;
};

}  // namespace quarry::net
