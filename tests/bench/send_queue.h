#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tests/bench/tls_client.h"

namespace quarry::bench {

/// Bytes on their way to a socket: what was written into the queue, and references to bytes that
/// outlive it, in order. A value of 50 MB costs the queue some pointers and not its bytes.
class SendQueue {
 public:
  enum class Outcome {
    kSent,
    kBlocked,
    kFailed
  };

  /// Room for `bytes` more bytes at the end of the queue; valid until the next call. Follow with
  /// Commit.
  char* Reserve(size_t bytes);
  /// Takes over what was written since Reserve, up to `end`.
  void Commit(const char* end);

  void Append(std::string_view bytes);
  /// Queues bytes that stay where they are, unchanged, until they have been sent.
  void AppendReference(std::string_view bytes);

  /// Sends as much as the socket takes: all (and the queue is empty again), or less, or the
  /// connection is gone. Adds what was sent to *sent_bytes.
  /// Goes through `tls` where that is not nullptr.
  Outcome Flush(int fd, size_t* sent_bytes, TlsStream* tls = nullptr);

  bool empty() const { return pieces_.empty(); }

 private:
  struct Piece {
    const char* reference;  // or nullptr: the bytes stand in own_ at own_offset
    size_t own_offset;
    size_t size;
  };

  Outcome SendPieces(int fd, size_t* sent_bytes, TlsStream* tls);
  void Advance(size_t bytes);

  std::vector<char> own_;
  size_t own_used_ = 0;
  std::vector<Piece> pieces_;
  size_t first_piece_ = 0;
};

}  // namespace quarry::bench
