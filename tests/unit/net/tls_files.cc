#include "tests/unit/net/tls_files.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

constexpr int64_t kOneDaySec = 86400;

Certificate SelfSigned(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kOneDaySec);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kOneDaySec);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const unsigned char common_name[] = "server";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) != 0);
  return certificate;
}

}  // namespace

TlsFiles::TlsFiles() : directory_(std::filesystem::temp_directory_path() / "quarry-tls-XXXXXX") {
  REQUIRE(mkdtemp(directory_.data()) != nullptr);
  const Key key(EVP_EC_gen("P-256"));
  REQUIRE(key != nullptr);
  const Certificate certificate = SelfSigned(key.get());
  const TlsOptions paths = options();
  const File key_file(std::fopen(paths.key_path.c_str(), "w"));
  const File certificate_file(std::fopen(paths.chain_cert_path.c_str(), "w"));
  REQUIRE((key_file != nullptr && certificate_file != nullptr));
  REQUIRE(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
  REQUIRE(PEM_write_X509(certificate_file.get(), certificate.get()) == 1);
}

TlsFiles::~TlsFiles() {
  std::filesystem::remove_all(directory_);
}

TlsOptions TlsFiles::options() const {
  TlsOptions options;
  options.chain_cert_path = directory_ + "/chain.pem";
  options.key_path = directory_ + "/key.pem";
  return options;
}

}  // namespace quarry::net
