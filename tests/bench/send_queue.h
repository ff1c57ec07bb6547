#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "tests/bench/memory_file.h"
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

  /// The same with bytes of `file`, from `offset` on: they go from there to the socket without a
  /// copy, but under TLS.
  void AppendFile(const MemoryFile& file, size_t offset, size_t bytes);

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
    const MemoryFile* file = nullptr;  // that the reference points into

    size_t file_offset() const { return static_cast<size_t>(reference - file->bytes().data()); }
  };

  Outcome SendPieces(int fd, size_t* sent_bytes, TlsStream* tls);
  ssize_t SendVectors(int fd, TlsStream* tls) const;
  void Advance(size_t bytes);

  std::vector<char> own_;
  size_t own_used_ = 0;
  std::vector<Piece> pieces_;
  size_t first_piece_ = 0;
};

}  // namespace quarry::bench
