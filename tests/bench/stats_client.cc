#include "tests/bench/stats_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "tests/bench/socket.h"

namespace quarry::bench {
namespace {

constexpr std::string_view kRequest = "stats\r\n";
constexpr std::string_view kClosingLine = "END\r\n";
constexpr size_t kMaxAnswerBytes = 256 * 1024;
constexpr int kAnswerTimeoutMs = 10'000;

/// The answer's lines, or an empty text where none came in time.
std::string Ask(int fd) {
  std::string answer;
  if (send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(kRequest.size())) {
    return answer;
  }
  std::array<char, 4096> buffer{};
  while (!answer.ends_with(kClosingLine) && answer.size() < kMaxAnswerBytes) {
    pollfd waited{fd, POLLIN, 0};
    if (poll(&waited, 1, kAnswerTimeoutMs) <= 0) {
      return {};
    }
    const ssize_t received = recv(fd, buffer.data(), buffer.size(), 0);
    if (received <= 0) {
      return {};
    }
    answer.append(buffer.data(), static_cast<size_t>(received));
  }
  return answer;
}

}  // namespace

std::optional<uint64_t> ReadStat(const ServerAddress& server, std::string_view name,
                                 std::string* error) {
  const int fd = Connect(server, error);
  if (fd < 0) {
    return std::nullopt;
  }
  const std::string answer = Ask(fd);
  close(fd);
  const std::string wanted = "STAT " + std::string(name) + " ";
  const size_t found = answer.find(wanted);
  uint64_t number = 0;
  if (found != std::string::npos) {
    const char* const begin = answer.data() + found + wanted.size();
    if (std::from_chars(begin, answer.data() + answer.size(), number).ec == std::errc{}) {
      return number;
    }
  }
  *error = "the server's stats have no number called " + std::string(name);
  return std::nullopt;
}

}  // namespace quarry::bench
