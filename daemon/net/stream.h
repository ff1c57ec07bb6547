#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "daemon/command/reply_buffer.h"
#include "daemon/command/server_status.h"
#include "daemon/net/file_descriptor.h"
#include "daemon/net/output.h"

namespace quarry::net {

/// A connected, non-blocking socket, and the replies that it has not taken yet. No call blocks, and
/// each but IsHungUp and AllAcknowledged is one system call. Belongs to its connection's worker.
class Stream {
 public:
  /// What one read brought. `ended`: nothing, and nothing will come any more. Otherwise 0 bytes
  /// mean that nothing is there at the moment.
  struct Received {
    size_t bytes = 0;
    bool ended = false;
    bool filled = false;  ///< all the room was used: there may be more
  };

  /// `counters` are those of the worker.
  Stream(FileDescriptor socket, command::WorkerCounters& counters)
      : socket_(std::move(socket)), counters_(counters) {}

  /// Reads into `room`, which is not empty, from its front.
  Received Read(std::span<const iovec> room);

  /// Sends `replies` and clears them; what the socket does not take is unsent afterwards. While
  /// something is unsent there must be no new replies. Returns the number of bytes that were taken.
  size_t Send(command::ReplyBuffer& replies);

  /// Sends more of what is unsent. Returns the number of bytes that were taken.
  size_t SendUnsent();

  bool has_unsent() const { return !unsent_.empty(); }

  /// True when large values, which keep their memory, are among what is unsent.
  bool HoldsValues() const { return unsent_.HoldsPins(); }

  /// What the unsent replies keep on the heap.
  size_t HeapBytes() const { return unsent_.HeapBytes(); }

  /// How often replies have been left unsent: tells one backlog from the next.
  uint32_t backlog_count() const { return backlog_count_; }

  /// All bytes that were read and sent so far.
  uint64_t moved_bytes() const { return moved_bytes_; }

  /// True once the other end has gone so far that nothing can be sent; nothing is unsent then.
  bool broken() const { return broken_; }

  /// True when the connection is dead in both directions. A peer that has only finished sending
  /// does not count: it still waits for replies.
  bool IsHungUp() const;

  /// True when closing cannot destroy replies any more: the peer's system has all of them.
  bool AllAcknowledged() const;

  int socket() const { return socket_.value(); }

 private:
  /// Up to this many pieces go into one call.
  static constexpr size_t kMaxVectors = 64;

  size_t CountSent(ssize_t result);

  const FileDescriptor socket_;
  command::WorkerCounters& counters_;
  Output unsent_;
  uint64_t moved_bytes_ = 0;
  uint32_t backlog_count_ = 0;
  bool broken_ = false;
};

}  // namespace quarry::net
