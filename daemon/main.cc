// quarryd: reads the command line and runs the server.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <absl/base/config.h>
#include <absl/debugging/failure_signal_handler.h>
#include <absl/debugging/symbolize.h>

#include "daemon/cyrus_sasl.h"
#include "daemon/machine_memory.h"
#include "daemon/options.h"
#include "daemon/process.h"

namespace quarry::daemon {
namespace {

/// Whoever starts us may have closed descriptors 0 to 2: then nothing of ours is to get their
/// numbers, or else the log would go there, and -d would close it. Without /dev/null it cannot be
/// helped, and nobody can be told.
void FillStandardDescriptors() {
  int descriptor = -1;
  do {
    descriptor = open("/dev/null", O_RDWR);  // the lowest number that is free
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) {
    close(descriptor);
  }
}

/// SIGHUP asks for files to be read again, by default it ends a process: it waits until the server
/// is ready (see Process::OnReady).
void HoldHangup() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// Prints a stack trace when a bug ends the process. The sanitizers bring a handler of their own.
void InstallFailureHandler(const char* program) {
#if !defined(ABSL_HAVE_ADDRESS_SANITIZER) && !defined(ABSL_HAVE_THREAD_SANITIZER)
  absl::InitializeSymbolizer(program);
  absl::InstallFailureSignalHandler({});
  signal(SIGTERM, SIG_DFL);  // to abseil it is a failure, to us the way to end
#else
  static_cast<void>(program);
#endif
}

/// Empty if the variable is not set.
std::string Variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? "" : value;
}

int Main(std::span<char* const> argv) {
  const uint64_t machine_memory_bytes = MachineMemoryBytes();
  std::variant<Options, EarlyExit> parsed = ParseOptions(argv, machine_memory_bytes);
  if (const auto* early_exit = std::get_if<EarlyExit>(&parsed)) {
    std::fputs(early_exit->text.c_str(), early_exit->code == kExitOk ? stdout : stderr);
    return early_exit->code;
  }
  const Environment environment = {.notify_socket = Variable("NOTIFY_SOCKET"),
                                   .port_file = Variable("MEMCACHED_PORT_FILENAME"),
                                   .sasl_password_file = Variable("MEMCACHED_SASL_PWDB"),
                                   .machine_memory_bytes = machine_memory_bytes,
                                   .open_cyrus_sasl = OpenCyrusSasl};
  return Process(std::get<Options>(std::move(parsed)), environment).Run();
}

}  // namespace
}  // namespace quarry::daemon

int main(int argc, char** argv) {
  quarry::daemon::HoldHangup();
  quarry::daemon::FillStandardDescriptors();
  quarry::daemon::InstallFailureHandler(argv[0]);
  return quarry::daemon::Main({argv, static_cast<size_t>(argc)});
}
