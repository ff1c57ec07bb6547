#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/engine.h"
#include "daemon/auth_file.h"
#include "daemon/background.h"
#include "daemon/command/server_status.h"
#include "daemon/exit_codes.h"
#include "daemon/log.h"
#include "daemon/login_thread.h"
#include "daemon/net/server.h"
#include "daemon/options.h"
#include "daemon/pid_file.h"
#include "daemon/systemd_notify.h"
#include "daemon/user.h"

namespace quarry::daemon {

/// What the environment asks for.
struct Environment {
  std::string notify_socket;          ///< $NOTIFY_SOCKET
  std::string port_file;              ///< $MEMCACHED_PORT_FILENAME
  std::string sasl_password_file;     ///< $MEMCACHED_SASL_PWDB
  uint64_t machine_memory_bytes = 0;  ///< the machine's or its cgroup's; 0: unknown
  /// OpenCyrusSasl, for users whom no file names.
  std::function<absl::StatusOr<LoginThread::Check>()> open_cyrus_sasl = {};
};

/// The life of the server process: it gets hold of everything while it may, gives up its rights,
/// serves, and clears up. One object a process, on the main thread.
class Process {
 public:
  Process(Options options, const Environment& environment);

  /// Serves until a signal ends it. Whatever keeps it from serving is one line in the log, and the
  /// code tells the kind.
  ExitCode Run();

 private:
  // The steps before serving, in this order. Each logs why it fails.
  ExitCode ChooseUser();
  ExitCode LoadUsers();
  ExitCode AskCyrusSasl();
  ExitCode EnterBackground();
  ExitCode SetLimits();
  ExitCode CreateEngine();
  ExitCode Listen();
  ExitCode WriteFiles();
  ExitCode DropPrivileges();
  ExitCode BeginLogins();

  ExitCode Serve();
  void OnReady();
  void OnDrain();
  void OnHangup();
  void LogAddresses();
  void CleanUp();

  /// Opens a file as the user whom the server becomes, as root may lack the right to go past
  /// permissions, and since that user may then open or remove it again. What that user may not,
  /// root tries, and is there for once: `loss` is logged, unless it is empty, as what will not be
  /// possible later.
  absl::Status OpenFile(std::string_view loss, const std::function<absl::Status()>& open);

  /// The same for the UNIX socket, which becomes the user's where root has made it.
  absl::Status OpenUnixSocket(const std::function<absl::Status()>& open);

  /// Logs an error and returns `code`.
  ExitCode Fail(ExitCode code, const char* message, const absl::Status& reason);
  /// Logs a warning unless all went well.
  void WarnUnlessOk(const char* message, const absl::Status& status);

  Options options_;
  const Environment environment_;
  const SystemdNotifier notifier_;
  const Clock clock_;
  command::ServerContext context_;
  StderrLogger logger_;
  std::optional<User> user_;             // whom to become, until that is done
  std::unique_ptr<AuthFile> auth_file_;  // null: no file names the users
  std::optional<Background> background_;
  std::unique_ptr<core::Engine> engine_;
  std::unique_ptr<net::Server> server_;
  std::unique_ptr<LoginThread>
      login_thread_;  // ends before the workers do; null without -S's Cyrus
  std::optional<PidFile> pid_file_;
};

}  // namespace quarry::daemon
