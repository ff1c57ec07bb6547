#include "daemon/tls_settings.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

using net::TlsOptions;
using net::TlsVerify;
using net::TlsVersion;

constexpr uint32_t kMaxWriteBufferKilobytes = 1024;
constexpr uint32_t kBytesPerKilobyte = 1024;

OptionSpec SubOption(const char* name, std::string placeholder, std::string help) {
  OptionSpec spec;
  spec.spelling = {'\0', name, placeholder.empty() ? Argument::kNone : Argument::kRequired};
  spec.placeholder = std::move(placeholder);
  spec.help = std::move(help);
  spec.setting = name;
  return spec;
}

OptionSpec Text(const char* name, std::string placeholder, std::string help,
                std::string TlsOptions::*member) {
  OptionSpec spec = SubOption(name, std::move(placeholder), std::move(help));
  spec.apply = [member](const std::string& value, Options& options) {
    if (value.empty()) {
      return Takes("a text that is not empty");
    }
    options.tls.*member = value;
    return absl::OkStatus();
  };
  spec.show = [member](const Options& options) {
    const std::string& value = options.tls.*member;
    return value.empty() ? std::string("NULL") : value;
  };
  return spec;
}

OptionSpec Flag(const char* name, std::string help, bool TlsOptions::*member) {
  OptionSpec spec = SubOption(name, "", std::move(help));
  spec.apply = [member](const std::string& /*value*/, Options& options) {
    options.tls.*member = true;
    return absl::OkStatus();
  };
  spec.show = [member](const Options& options) {
    return std::string(options.tls.*member ? "yes" : "no");
  };
  return spec;
}

OptionSpec VerifyMode() {
  OptionSpec spec = SubOption("ssl_verify_mode", "<num>", "what is asked of clients' certificates");
  spec.takes = "0: nothing, 1: one that is sent must be good, 2 or 3: a good one";
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<uint32_t> mode = ParseU32(value);
    if (!mode || *mode > 3) {
      return Takes(takes);
    }
    options.tls.verify = static_cast<TlsVerify>(std::min(*mode, 2U));
    options.tls_verify_mode = *mode;
    return absl::OkStatus();
  };
  spec.show = [](const Options& options) {
    return absl::StrCat(options.tls_verify_mode);
  };
  return spec;
}

OptionSpec KeyFormat() {
  OptionSpec spec = SubOption("ssl_keyformat", "<name>", "how the private key is written");
  spec.takes = "PEM or DER, or 1 or 2";
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::string name = absl::AsciiStrToUpper(value);
    if (name != "PEM" && name != "1" && name != "DER" && name != "2") {
      return Takes(takes);
    }
    options.tls.key_is_der = name == "DER" || name == "2";
    return absl::OkStatus();
  };
  spec.show = [](const Options& options) {
    return std::string(options.tls.key_is_der ? "2" : "1");
  };
  return spec;
}

OptionSpec WriteBuffer() {
  OptionSpec spec = SubOption("ssl_wbuf_size", "<num>",
                              "kilobytes in which a worker gathers small replies for one record");
  spec.takes = absl::StrCat("1 to ", kMaxWriteBufferKilobytes);
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<uint32_t> kilobytes = ParseU32(value);
    if (!kilobytes || *kilobytes == 0 || *kilobytes > kMaxWriteBufferKilobytes) {
      return Takes(takes);
    }
    options.tls.write_buffer_bytes = size_t{*kilobytes} * kBytesPerKilobyte;
    return absl::OkStatus();
  };
  spec.show = [](const Options& options) {
    return absl::StrCat(options.tls.write_buffer_bytes);
  };
  return spec;
}

OptionSpec MinVersion() {
  OptionSpec spec = SubOption("ssl_min_version", "<num>", "the oldest version that is spoken");
  spec.takes = "2: TLS 1.2, 3: TLS 1.3; older ones are not safe";
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    if (value != "2" && value != "3") {
      return Takes(takes);
    }
    options.tls.min_version = value == "3" ? TlsVersion::kTls13 : TlsVersion::kTls12;
    return absl::OkStatus();
  };
  spec.show = [](const Options& options) {
    return std::string(options.tls.min_version == TlsVersion::kTls13 ? "tlsv1.3" : "tlsv1.2");
  };
  return spec;
}

/// True when some listener asks for certificates.
bool AsksForCertificates(const Options& options) {
  return options.tls.verify != TlsVerify::kNone ||
         std::any_of(options.listen.begin(), options.listen.end(),
                     [](const ListenEntry& entry) { return entry.tls == ListenTls::kMutual; });
}

}  // namespace

OptionSpec TlsOption() {
  return FlagOption({'Z', "enable-ssl", "speak TLS; see -o", "ssl_enabled"}, &Options::tls_enabled,
                    true);
}

std::vector<OptionSpec> TlsSubOptions() {
  return {
      Text("ssl_chain_cert", "<file>", "the server's certificate and its chain, PEM",
           &TlsOptions::chain_cert_path),
      Text("ssl_key", "<file>", "the certificate's private key", &TlsOptions::key_path),
      VerifyMode(),
      KeyFormat(),
      Text("ssl_ciphers", "<list>", "ciphers of TLS 1.2, parted by colons", &TlsOptions::ciphers),
      Text("ssl_ca_cert", "<file>", "who may have signed clients' certificates, PEM",
           &TlsOptions::ca_cert_path),
      WriteBuffer(),
      Flag("ssl_session_cache", "clients may resume their sessions", &TlsOptions::session_tickets),
      Flag("ssl_kernel_tls", "the kernel encrypts, where it can", &TlsOptions::kernel_tls),
      MinVersion(),
  };
}

std::string TlsContradiction(const Options& options) {
  const bool prefixed =
      std::any_of(options.listen.begin(), options.listen.end(),
                  [](const ListenEntry& entry) { return entry.tls != ListenTls::kDefault; });
  if (!options.tls_enabled) {
    return prefixed ? "-l/--listen with notls:, btls: or mtls: needs -Z/--enable-ssl" : "";
  }
  if (options.udp_port != Options::kPortOff) {
    return "-Z/--enable-ssl goes without -U/--udp-port: UDP knows no TLS";
  }
  if (options.tls.chain_cert_path.empty() || options.tls.key_path.empty()) {
    return "-Z/--enable-ssl needs -o ssl_chain_cert=<file> and -o ssl_key=<file>";
  }
  if (options.tls.ca_cert_path.empty() && AsksForCertificates(options)) {
    return "clients' certificates (-o ssl_verify_mode, or mtls: in -l) need -o ssl_ca_cert=<file>";
  }
  return "";
}

}  // namespace quarry::daemon
