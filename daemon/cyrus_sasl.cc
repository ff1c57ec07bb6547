#include "daemon/cyrus_sasl.h"

#include <sasl/sasl.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

namespace quarry::daemon {
namespace {

/// By this name the library finds its settings, and saslauthd and PAM their service.
constexpr const char* kApplication = "memcached";
constexpr const char* kMechanism = "PLAIN";

struct Dispose {
  void operator()(sasl_conn_t* connection) const { sasl_dispose(&connection); }
};
using ConnectionHandle = std::unique_ptr<sasl_conn_t, Dispose>;

absl::Status Failure(const char* what, int result) {
  return absl::FailedPreconditionError(
      absl::StrCat("Cyrus SASL: ", what, ": ", sasl_errstring(result, nullptr, nullptr)));
}

/// One login's state. Null where the library has no memory for it.
ConnectionHandle NewConnection() {
  sasl_conn_t* connection = nullptr;
  sasl_server_new(kApplication, /*serverFQDN=*/nullptr, /*user_realm=*/nullptr,
                  /*iplocalport=*/nullptr, /*ipremoteport=*/nullptr, /*callbacks=*/nullptr,
                  /*flags=*/0, &connection);
  return ConnectionHandle(connection);
}

bool IsMechanismThere(sasl_conn_t* connection) {
  const char* names = nullptr;
  const int result = sasl_listmech(connection, /*user=*/nullptr, "", " ", "", &names,
                                   /*plen=*/nullptr, /*pcount=*/nullptr);
  if (result != SASL_OK || names == nullptr) {
    return false;
  }
  const std::vector<std::string> listed = absl::StrSplit(names, ' ');
  return std::find(listed.begin(), listed.end(), kMechanism) != listed.end();
}

bool MayLogIn(std::string_view token) {
  const ConnectionHandle connection = NewConnection();
  const char* challenge = nullptr;
  unsigned challenge_bytes = 0;
  return connection != nullptr && sasl_server_start(connection.get(), kMechanism, token.data(),
                                                    static_cast<unsigned>(token.size()), &challenge,
                                                    &challenge_bytes) == SASL_OK;
}

}  // namespace

absl::StatusOr<LoginThread::Check> OpenCyrusSasl() {
  // The library is never closed: a login may be under way to the very end of the process.
  if (const int result = sasl_server_init(/*callbacks=*/nullptr, kApplication); result != SASL_OK) {
    return Failure("it does not begin", result);
  }
  const ConnectionHandle connection = NewConnection();
  if (connection == nullptr || !IsMechanismThere(connection.get())) {
    return absl::FailedPreconditionError(
        "Cyrus SASL: it has no mechanism PLAIN. On Debian: apt-get install libsasl2-modules; or "
        "the mech_list of memcached.conf leaves it out");
  }
  return LoginThread::Check(MayLogIn);
}

}  // namespace quarry::daemon
