#include "tests/bench/floor/floor_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <span>
#include <string_view>
#include <system_error>

#include "tests/bench/cpu_clock.h"
#include "tests/bench/floor/huge_pages.h"

namespace quarry::bench {
namespace {

constexpr int kEventsPerWait = 1024;
constexpr int kBacklog = 4096;
constexpr uint64_t kPauseNs = 100'000;
/// So many are read before the first of them is answered: that keeps what the system needs for
/// either in the processor's caches. Large values would push each other out of these.
constexpr size_t kGroupEvents = 16;
/// Large values cost least so: with 256 KB 1 MB costs a tenth more, since TCP sends
/// acknowledgements behind each call, and with 64 KB a socket's buffer runs full and 20 MB cost
/// four times as much.
constexpr size_t kReadBytes = size_t{1} << 20;

uint64_t ThreadCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

std::string Failure(const char* call) {
  return std::string(call) + ": " + std::generic_category().message(errno);
}

bool Control(int epoll_fd, int operation, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll_fd, operation, fd, &event) == 0;
}

}  // namespace

FloorServer::FloorServer(const ReplyShape& shape, IdleCounter* idle)
    : shape_(shape),
      replies_(shape),
      idle_(idle),
      group_events_(shape.value_bytes > CannedReplies::kSmallValueBytes ? 1 : kGroupEvents),
      read_buffer_(MemoryInHugePages(std::max(kReadBytes, shape.memory_bytes))),
      slot_bytes_(std::max(kReadBytes, shape.value_bytes)) {}

FloorServer::~FloorServer() {
  for (size_t fd = 0; fd < clients_.size(); ++fd) {
    if (clients_[fd] != nullptr) {
      close(static_cast<int>(fd));
    }
  }
  for (const int fd : {listener_fd_, epoll_fd_}) {
    if (fd >= 0) {
      close(fd);
    }
  }
}

std::string FloorServer::Listen(uint16_t port) {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  listener_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (epoll_fd_ < 0 || listener_fd_ < 0) {
    return Failure("socket");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (setsockopt(listener_fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(listener_fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Failure("bind");
  }
  if (listen(listener_fd_, kBacklog) != 0 ||
      !Control(epoll_fd_, EPOLL_CTL_ADD, listener_fd_, EPOLLIN)) {
    return Failure("listen");
  }
  return {};
}

std::string FloorServer::Run() {
  std::array<epoll_event, kEventsPerWait> events{};
  for (;;) {
    const bool spins = idle_ != nullptr && client_count_ > 0;
    const int count = epoll_wait(epoll_fd_, events.data(), kEventsPerWait, spins ? 0 : -1);
    if (count < 0 && errno != EINTR) {
      return Failure("epoll_wait");
    }
    if (count == 0 && idle_ != nullptr) {
      Pause(*idle_);
    }
    std::span ready = std::span(events).first(static_cast<size_t>(std::max(count, 0)));
    while (!ready.empty()) {
      const std::span group = ready.first(std::min(ready.size(), group_events_));
      HandleGroup(group);
      ready = ready.subspan(group.size());
    }
  }
}

void FloorServer::HandleGroup(std::span<const epoll_event> group) {
  for (const epoll_event& event : group) {
    const int fd = event.data.fd;
    if (fd == listener_fd_) {
      Accept();
      continue;
    }
    const bool is_over = (event.events & (EPOLLIN | EPOLLOUT)) == 0;  // an error or a hang-up
    if (is_over || ((event.events & EPOLLIN) != 0 && !Read(fd, ClientOf(fd)))) {
      End(fd);
    }
  }
  for (const epoll_event& event : group) {
    const int fd = event.data.fd;
    if (fd != listener_fd_ && clients_[static_cast<size_t>(fd)] != nullptr &&
        !Send(fd, ClientOf(fd))) {
      End(fd);
    }
  }
}

void FloorServer::End(int fd) {
  clients_[static_cast<size_t>(fd)].reset();
  --client_count_;
  close(fd);
}

void FloorServer::Accept() {
  const int fd = accept4(listener_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    return;  // it has gone again, or another event tells of it once there is a descriptor
  }
  const int on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
      !Control(epoll_fd_, EPOLL_CTL_ADD, fd, EPOLLIN)) {
    close(fd);
    return;
  }
  clients_.resize(std::max(clients_.size(), static_cast<size_t>(fd) + 1));
  clients_[static_cast<size_t>(fd)] =
      std::make_unique<Client>(OwedReplies(uint64_t{static_cast<uint32_t>(fd)} << 32));
  ++client_count_;
}

bool FloorServer::Send(int fd, Client& client) {
  if (!client.owed.empty() && !client.owed.SendOnce(fd, replies_, &scratch_)) {
    return false;
  }
  return Settle(fd, client);
}

bool FloorServer::Read(int fd, Client& client) {
  char* const begin = read_buffer_.data() + read_offset_;
  const ssize_t received = recv(fd, begin, kReadBytes, 0);
  if (received < 0) {
    return errno == EAGAIN || errno == EINTR;
  }
  client.scanner.Scan(std::string_view(begin, static_cast<size_t>(received)), shape_.value_bytes,
                      [&client](RequestKind kind) { client.owed.Add(kind); });
  if (shape_.memory_bytes > 0) {
    PassReadBytes(static_cast<size_t>(received));
  }
  return received > 0;
}

void FloorServer::PassReadBytes(size_t bytes) {
  read_offset_ += bytes;
  const size_t slot_end = read_slot_ + slot_bytes_;
  if (read_offset_ >= slot_end || read_offset_ + kReadBytes > read_buffer_.size()) {
    const size_t slot_count = std::max<size_t>(1, read_buffer_.size() / slot_bytes_);
    read_slot_ = random_.Below(slot_count) * slot_bytes_;
    read_offset_ = read_slot_;
  }
}

void FloorServer::Pause(IdleCounter& idle) {
  const uint64_t begin_cpu_ns = ThreadCpuNs();
  const uint64_t end_ns = MonotonicNs() + kPauseNs;
  while (MonotonicNs() < end_ns) {
  }
  idle.Add(ThreadCpuNs() - begin_cpu_ns);
}

bool FloorServer::Settle(int fd, Client& client) {
  const bool needs_room = !client.owed.empty();
  if (needs_room == client.waits_for_room) {
    return true;
  }
  client.waits_for_room = needs_room;
  return Control(epoll_fd_, EPOLL_CTL_MOD, fd, needs_room ? EPOLLOUT : EPOLLIN);
}

}  // namespace quarry::bench
