#include "daemon/systemd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include "core/base/check.h"
#include "tests/support/catch.h"
#include "tests/unit/daemon/scratch_directory.h"

namespace quarry::daemon {
namespace {

/// The service manager's end.
class FakeSystemd {
 public:
  /// `name` as in $NOTIFY_SOCKET.
  explicit FakeSystemd(const std::string& name)
      : descriptor_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (name.front() == '@') {
      address.sun_path[0] = '\0';
    }
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    QUARRY_CHECK(bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), bytes) == 0);
  }
  ~FakeSystemd() { close(descriptor_); }
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;

  /// The next message; empty if there is none.
  std::string Receive() const {
    std::array<char, 1024> message{};
    const ssize_t bytes = recv(descriptor_, message.data(), message.size(), 0);
    return bytes < 0 ? "" : std::string(message.data(), static_cast<size_t>(bytes));
  }

 private:
  const int descriptor_;
};

TEST_CASE("The service manager is told by a path") {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/notify";
  const FakeSystemd manager(path);
  const SystemdNotifier notifier(path);
  REQUIRE(notifier.Ready("serving").ok());
  REQUIRE(manager.Receive() == "READY=1\nSTATUS=serving\n");
  REQUIRE(notifier.Stopping("draining").ok());
  REQUIRE(manager.Receive() == "STOPPING=1\nSTATUS=draining\n");
}

TEST_CASE("The service manager is told by an abstract name") {
  const std::string name = "@quarry-test-" + std::to_string(getpid());
  const FakeSystemd manager(name);
  REQUIRE(SystemdNotifier(name).Ready("serving").ok());
  REQUIRE(manager.Receive() == "READY=1\nSTATUS=serving\n");
}

TEST_CASE("Without a service manager nobody is told, and that is no error") {
  REQUIRE(SystemdNotifier("").Ready("serving").ok());
}

TEST_CASE("A socket that is no socket's path, or not there, is an error") {
  REQUIRE_FALSE(SystemdNotifier("relative").Ready("serving").ok());
  REQUIRE_FALSE(SystemdNotifier("/nowhere/notify").Ready("serving").ok());
  REQUIRE_FALSE(SystemdNotifier("/" + std::string(200, 'x')).Ready("serving").ok());
}

}  // namespace
}  // namespace quarry::daemon
