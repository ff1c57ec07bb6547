#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/server_status.h"
#include "daemon/net/file_descriptor.h"
#include "daemon/net/output.h"
#include "daemon/net/socket_calls.h"
#include "daemon/net/tls_channel.h"

namespace quarry::net {

/// A connected, non-blocking socket, plain or under TLS, and the replies that it has not taken yet.
/// No call blocks, and each that reads or sends is one system call where the socket is plain.
/// Belongs to its connection's worker.
class Stream {
 public:
  /// What one read brought. `ended`: nothing, and nothing will come any more. Otherwise 0 bytes
  /// mean that nothing is there at the moment.
  struct Received {
    size_t bytes = 0;
    bool ended = false;
    bool filled = false;  ///< all the room was used: there may be more
  };

  /// `tls` is null for a plain socket, else its handshake is done. `counters` are those of the
  /// worker.
  Stream(FileDescriptor socket, std::unique_ptr<TlsChannel> tls, command::WorkerCounters& counters)
      : socket_(std::move(socket)), tls_(std::move(tls)), counters_(counters) {}

  /// Reads into `room`, which is not empty, from its front.
  Received Read(std::span<char> room) {
    if (tls_ != nullptr) [[unlikely]] {
      const iovec vector = {room.data(), room.size()};
      return ReadTls({&vector, 1});
    }
    return CountRead(ReceiveFrom(socket_.value(), room.data(), room.size()), room.size());
  }
  Received Read(std::span<const iovec> room);

  /// Sends `replies` and clears them; what the socket does not take is unsent afterwards. While
  /// something is unsent there must be no new replies. Returns the number of bytes that were taken.
  size_t Send(command::ReplyBuffer& replies) {
    const std::string_view text = replies.text();
    if (is_tls() || replies.has_pieces() || broken_ || text.empty()) [[unlikely]] {
      return SendAny(replies);
    }
    QUARRY_CHECK(!has_unsent());
    const size_t sent =
        CountSent(SendTo(socket_.value(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    if (sent < text.size()) [[unlikely]] {
      KeepUnsent(text.substr(sent));
    }
    replies.Clear();
    return sent;
  }

  /// Sends more of what is unsent. Returns the number of bytes that were taken.
  size_t SendUnsent();

  /// Has the socket tell of input only once it has `bytes`, or no room for so many, or nothing more
  /// will come: never of so many that the client might have to wait for that. A socket that has
  /// little room, or knows no such mark, tells sooner; so does one under TLS, which counts other
  /// bytes.
  void RaiseLowWater(size_t bytes);
  /// Has it tell of any input again.
  void ResetLowWater();
  bool has_low_water() const { return low_water_bytes_ > 1; }

  bool has_unsent() const { return !unsent_.empty(); }

  bool is_tls() const { return tls_ != nullptr; }

  /// True while Read may bring something, or the end, although the socket has no news: TLS has
  /// taken it from there already, or has to write before it can go on.
  bool has_input() const { return tls_ != nullptr && tls_->has_input(); }

  /// True when the stream has to wait until the socket can be written to; where writes_on_input(),
  /// until it can be read instead.
  bool waits_to_write() const { return has_unsent() || reads_on_output(); }
  bool writes_on_input() const { return tls_ != nullptr && tls_->write_wants_read(); }

  /// True when large values, which keep their memory, are among what is unsent.
  bool HoldsValues() const { return unsent_.HoldsPins(); }

  /// What the unsent replies keep on the heap.
  size_t HeapBytes() const {
    if (!has_unsent()) [[likely]] {
      return 0;
    }
    return unsent_.HeapBytes() + (tls_ != nullptr ? tls_->HeapBytes() : 0);
  }

  /// How often replies have been left unsent: tells one backlog from the next.
  uint32_t backlog_count() const { return backlog_count_; }

  /// All bytes that were read and sent so far.
  uint64_t moved_bytes() const { return moved_bytes_; }

  /// True once the other end has gone so far that nothing can be sent; nothing is unsent then.
  bool broken() const { return broken_; }

  /// The system's error that has ended the connection; 0 for none.
  int error() const { return tls_ != nullptr ? tls_->system_error() : error_; }
  /// True once the client has broken the protocol of TLS.
  bool is_tls_violated() const { return tls_ != nullptr && tls_->is_violated(); }
  std::string TlsViolation() const { return tls_->Violation(); }

  /// True when the connection is dead in both directions. A peer that has only finished sending
  /// does not count: it still waits for replies.
  bool IsHungUp() const;

  /// True when closing cannot destroy replies any more: the peer's system has all of them.
  bool AllAcknowledged() const;

  int socket() const { return socket_.value(); }

 private:
  /// Up to this many pieces go into one call.
  static constexpr size_t kMaxVectors = 64;

  bool reads_on_output() const { return tls_ != nullptr && tls_->read_wants_write(); }

  Received ReadTls(std::span<const iovec> room);
  Received CountRead(ssize_t result, size_t room_bytes) {
    if (result < 0) [[unlikely]] {
      return {.ended = !CanGoOn()};
    }
    const auto bytes = static_cast<size_t>(result);
    command::Bump(counters_.bytes_read, bytes);
    moved_bytes_ += bytes;
    return {.bytes = bytes, .ended = bytes == 0, .filled = bytes == room_bytes};
  }
  size_t SendAny(command::ReplyBuffer& replies);
  size_t SendTls(std::span<const iovec> pieces);
  void KeepUnsent(std::string_view text);
  size_t CountSent(ssize_t result) {
    if (result < 0) [[unlikely]] {
      if (!CanGoOn()) {
        Break();
      }
      return 0;
    }
    const auto sent = static_cast<size_t>(result);
    command::Bump(counters_.bytes_written, sent);
    moved_bytes_ += sent;
    return sent;
  }
  /// After a call that failed: whether one may succeed later. If not, its error is noted.
  bool CanGoOn();
  void Break();
  void SetLowWater(uint32_t bytes);

  const FileDescriptor socket_;
  int error_ = 0;                          // of the plain socket
  const std::unique_ptr<TlsChannel> tls_;  // ends before the socket does
  command::WorkerCounters& counters_;
  Output unsent_;
  uint64_t moved_bytes_ = 0;
  uint32_t backlog_count_ = 0;
  uint32_t low_water_bytes_ = 1;
  bool broken_ = false;
};

}  // namespace quarry::net
