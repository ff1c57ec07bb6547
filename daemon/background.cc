#include "daemon/background.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "daemon/exit_codes.h"

namespace quarry::daemon {
namespace {

/// The parent's last act.
[[noreturn]] void AwaitChild(pid_t child, int child_pipe) {
  char byte = 0;
  ssize_t count = 0;
  do {
    count = read(child_pipe, &byte, 1);
  } while (count < 0 && errno == EINTR);
  if (count == 1) {
    _exit(kExitOk);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : kExitBadValue);
}

}  // namespace

absl::StatusOr<Background> Background::Enter() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "making a pipe");
  }
  const pid_t child = fork();
  if (child < 0) {
    return absl::ErrnoToStatus(errno, "going into the background");
  }
  if (child > 0) {
    close(ends[1]);
    AwaitChild(child, ends[0]);
  }
  close(ends[0]);
  Background background(ends[1]);
  if (setsid() < 0) {
    return absl::ErrnoToStatus(errno, "starting a session");
  }
  return background;
}

Background::Background(Background&& other) noexcept
    : parent_pipe_(std::exchange(other.parent_pipe_, -1)) {}

Background::~Background() {
  if (parent_pipe_ >= 0) {
    close(parent_pipe_);
  }
}

absl::Status Background::Ready(bool keep_stderr) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) {
    return absl::ErrnoToStatus(errno, "opening /dev/null");
  }
  const bool detached = chdir("/") == 0 && dup2(null, STDIN_FILENO) >= 0 &&
                        dup2(null, STDOUT_FILENO) >= 0 &&
                        (keep_stderr || dup2(null, STDERR_FILENO) >= 0);
  const int error = errno;
  close(null);
  if (!detached) {
    return absl::ErrnoToStatus(error, "leaving the terminal");
  }
  // The parent may have been killed; then nobody waits for the byte.
  const char byte = 0;
  if (write(parent_pipe_, &byte, 1) < 0 && errno != EPIPE) {
    return absl::ErrnoToStatus(errno, "telling the parent process");
  }
  close(std::exchange(parent_pipe_, -1));
  return absl::OkStatus();
}

}  // namespace quarry::daemon
