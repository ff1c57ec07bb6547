#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/bench/floor/canned_replies.h"
#include "tests/bench/floor/owed_replies.h"
#include "tests/bench/floor/request_scanner.h"
#include "tests/bench/idle_counter.h"
#include "tests/bench/random.h"

namespace quarry::bench {

/// A server that keeps nothing: one epoll loop that reads what has come, finds where requests end,
/// and answers with canned replies of the size that hits would have. For each event it reads once
/// and sends once, and reads for some before it sends for them. What it costs is the kernel's part,
/// below which no server comes that hears of its clients, reads and sends in the same way. One
/// thread.
///
/// A floor is often faster than the client and would sleep, and waking costs more than what is to
/// be measured. With a counter it spins instead: where no event is there, it lets some time pass,
/// so that several come together as they do at a busy server, and counts that time as idle. Without
/// a client it always sleeps.
class FloorServer {
 public:
  /// Never spins where `idle` is nullptr.
  FloorServer(const ReplyShape& shape, IdleCounter* idle);
  ~FloorServer();
  FloorServer(const FloorServer&) = delete;
  FloorServer& operator=(const FloorServer&) = delete;

  /// Listens on a port of the loopback interface. Returns why that failed, or an empty text.
  std::string Listen(uint16_t port);

  /// Serves until the loop itself fails, and returns why.
  std::string Run();

 private:
  struct Client {
    explicit Client(const OwedReplies& nothing) : owed(nothing) {}

    RequestScanner scanner;
    OwedReplies owed;
    bool waits_for_room = false;
  };

  void Accept();
  /// Reads for all, and then sends for all.
  void HandleGroup(std::span<const epoll_event> group);
  Client& ClientOf(int fd) { return *clients_[static_cast<size_t>(fd)]; }
  void End(int fd);
  /// Both are false where the client has gone.
  bool Read(int fd, Client& client);
  /// Lets the next bytes be read to where a value would lie that comes now: in memory that is
  /// left to chance, as in a cache the value is that it replaces.
  void PassReadBytes(size_t bytes);
  bool Send(int fd, Client& client);
  /// Watches for room to send in or for requests, whichever the client needs next.
  bool Settle(int fd, Client& client);
  /// Lets time pass, and counts it.
  static void Pause(IdleCounter& idle);

  const ReplyShape shape_;
  const CannedReplies replies_;
  IdleCounter* const idle_;
  const size_t group_events_;
  std::vector<char> read_buffer_;
  std::string scratch_;
  int epoll_fd_ = -1;
  int listener_fd_ = -1;
  const size_t slot_bytes_;  // of the read buffer, for each value
  size_t read_slot_ = 0;     // the present one's offset
  size_t read_offset_ = 0;   // in the read buffer
  Random random_{1};
  std::vector<std::unique_ptr<Client>> clients_;  // by descriptor
  size_t client_count_ = 0;
};

}  // namespace quarry::bench
