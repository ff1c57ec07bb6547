#pragma once

#include <string>

#include "daemon/net/tls_options.h"

namespace quarry::net {

/// A directory with a key and a certificate signed by itself, which is its own authority.
class TlsFiles {
 public:
  TlsFiles();
  ~TlsFiles();
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  /// Options that name the files.
  TlsOptions options() const;

 private:
  std::string directory_;
};

}  // namespace quarry::net
