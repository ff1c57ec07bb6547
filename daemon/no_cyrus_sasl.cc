#include "daemon/cyrus_sasl.h"

namespace quarry::daemon {

absl::StatusOr<LoginThread::Check> OpenCyrusSasl() {
  return absl::UnimplementedError(
      "name their file with -Y, or in $MEMCACHED_SASL_PWDB; this program is built without Cyrus "
      "SASL, which would know others");
}

}  // namespace quarry::daemon
