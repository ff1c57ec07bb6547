#include "tests/unit/net/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

constexpr timeval kPatience = {.tv_sec = 10, .tv_usec = 0};

}  // namespace

Client::Client(uint16_t port, int receive_buffer_bytes)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  REQUIRE(socket_);
  SetTimeouts();
  if (receive_buffer_bytes != 0) {
    REQUIRE(setsockopt(socket_.value(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                       sizeof(receive_buffer_bytes)) == 0);
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(socket_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
          0);
}

Client::Client(const std::string& unix_path)
    : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  REQUIRE(socket_);
  SetTimeouts();
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(connect(socket_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
          0);
}

void Client::SetTimeouts() {
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    REQUIRE(setsockopt(socket_.value(), SOL_SOCKET, option, &kPatience, sizeof(kPatience)) == 0);
  }
}

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    REQUIRE(sent > 0);
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

bool Client::Receive() {
  std::array<char, 65536> buffer = {};
  const ssize_t result = recv(socket_.value(), buffer.data(), buffer.size(), 0);
  if (result < 0) {
    const bool timed_out = errno == EAGAIN;
    REQUIRE_FALSE(timed_out);
  }
  if (result <= 0) {
    return false;
  }
  received_.append(buffer.data(), static_cast<size_t>(result));
  return true;
}

std::string Client::Read(size_t count) {
  while (received_.size() < count && Receive()) {
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

std::string Client::ReadLine() {
  while (received_.find('\n') == std::string::npos && Receive()) {
  }
  const size_t end = received_.find('\n');
  return Read(end == std::string::npos ? received_.size() : end + 1);
}

bool Client::Answers(std::string_view request, std::string_view reply) {
  Send(request);
  return Read(reply.size()) == reply;
}

bool Client::AtEnd() {
  return received_.empty() && !Receive();
}

uint16_t Client::local_port() const {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  REQUIRE(getsockname(socket_.value(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

void Client::FinishSending() {
  REQUIRE(shutdown(socket_.value(), SHUT_WR) == 0);
}

void Client::Reset() {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  REQUIRE(setsockopt(socket_.value(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
  Close();
}

}  // namespace quarry::net
