#include "tests/unit/net/tls_records.h"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

constexpr size_t kSecretBytes = 48;
constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace

TlsRecords::TlsRecords(SSL_CTX* context) {
  REQUIRE(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
  REQUIRE(SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") == 1);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_keylog_callback(context, NoteSecret);
}

void TlsRecords::NoteSecret(const SSL* ssl, const char* line) {
  const std::string_view words(line);
  if (words.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) {
    auto* const self = static_cast<TlsRecords*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self->secret_ = FromHex(words.substr(words.rfind(' ') + 1));
  }
}

void TlsRecords::UpdateKeys() {
  secret_ = Derive("traffic upd", kSecretBytes);
  sequence_ = 0;
}

std::string TlsRecords::Record(char type, std::string_view bytes) {
  REQUIRE(secret_.size() == kSecretBytes);
  const std::string plain = std::string(bytes) + type;
  const size_t body_bytes = plain.size() + kTagBytes;
  const std::string header = {23, 3, 3, static_cast<char>(body_bytes >> 8),
                              static_cast<char>(body_bytes)};
  const std::string key = Derive("key", kKeyBytes);
  std::string nonce = Derive("iv", kNonceBytes);
  for (size_t i = 0; i < sizeof(sequence_); ++i) {
    char& byte = nonce[kNonceBytes - 1 - i];
    byte = static_cast<char>(byte ^ static_cast<char>(sequence_ >> 8 * i));
  }
  ++sequence_;

  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher(EVP_CIPHER_CTX_new());
  std::string sealed(body_bytes, '\0');
  int count = 0;
  REQUIRE(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) ==
          1);
  REQUIRE(EVP_EncryptUpdate(cipher.get(), nullptr, &count, Bytes(header),
                            static_cast<int>(header.size())) == 1);
  REQUIRE(EVP_EncryptUpdate(cipher.get(), Bytes(sealed), &count, Bytes(plain),
                            static_cast<int>(plain.size())) == 1);
  unsigned char* const tag = Bytes(sealed) + plain.size();
  REQUIRE(EVP_EncryptFinal_ex(cipher.get(), tag, &count) == 1);
  REQUIRE(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1);
  return header + sealed;
}

std::string TlsRecords::Derive(std::string_view label, size_t bytes) const {
  const std::string full_label = "tls13 " + std::string(label);
  std::string info = {0, static_cast<char>(bytes), static_cast<char>(full_label.size())};
  info += full_label;
  info += '\0';    // no context
  info += '\x01';  // the first block of HKDF-Expand, and the only one for so few bytes
  std::string block(kSecretBytes, '\0');
  REQUIRE(HMAC(EVP_sha384(), secret_.data(), static_cast<int>(secret_.size()), Bytes(info),
               info.size(), Bytes(block), nullptr) != nullptr);
  return block.substr(0, bytes);
}

}  // namespace quarry::net
