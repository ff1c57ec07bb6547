#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "daemon/net/openssl_handles.h"
#include "daemon/net/tls_scratch.h"
#include "daemon/net/tls_socket.h"

namespace quarry::net {

/// TLS over one connected, non-blocking socket: what a Stream of a TLS listener reads and writes
/// through. No call blocks. Belongs to its connection's worker; the socket outlives it.
///
/// Either direction may be held up by the other: reading may have to answer a change of keys, and
/// writing may have to wait for the rest of a message. read_wants_write and write_wants_read tell.
class TlsChannel {
 public:
  enum class Handshake : uint8_t {
    kDone,
    kWantsRead,
    kWantsWrite,
    kRefused,  ///< the client has been sent an alert
    kGone,     ///< the client has left
  };
  struct Received {
    size_t bytes = 0;
    bool ended = false;   ///< nothing, and nothing will come any more
    bool filled = false;  ///< all the room was used
  };
  struct Sent {
    size_t bytes = 0;
    bool broken = false;  ///< nothing can be sent any more
  };

  /// `scratch` belongs to the worker, outlives the channel, and is used during Write alone. With
  /// `kernel_tls` the socket is OpenSSL's alone. nullptr: out of memory.
  static std::unique_ptr<TlsChannel> Create(SslHandle ssl, int socket, bool kernel_tls,
                                            TlsScratch& scratch);
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;
  /// Tells the client that no more comes, unless the connection has failed.
  ~TlsChannel();

  /// Takes the handshake as far as it goes; until it is done, nothing else may be called.
  Handshake ContinueHandshake();
  /// After the handshake: the client has resumed an earlier session.
  bool is_resumed() const;

  /// Reads into `room` from its front.
  Received Read(std::span<const iovec> room);

  /// Writes `pieces`, or as much as is taken of them now. What was not taken must come again, as
  /// the beginning of the next call's pieces: some of it may be on its way.
  Sent Write(std::span<const iovec> pieces);

  /// True while Read may find something, or end, although the socket brings no news.
  bool has_input() const { return has_input_; }
  bool read_wants_write() const { return read_wants_write_; }
  bool write_wants_read() const { return write_wants_read_; }

  /// What it keeps on the heap beyond one record.
  size_t HeapBytes() const {
    return std::max(socket_.kept_bytes(), TlsSocket::kMaxRecordBytes) - TlsSocket::kMaxRecordBytes;
  }

  /// True once the client has broken the protocol.
  bool is_violated() const { return is_violated_; }
  /// OpenSSL's words for how it has.
  std::string Violation() const;
  /// The system's error that has ended the connection; 0 for none.
  int system_error() const { return system_error_; }

 private:
  /// No call begins another batch beyond that, so that other connections have their turn.
  static constexpr size_t kMaxWriteBytes = size_t{256} << 10;

  /// How often a call of OpenSSL may read the socket. A read takes a whole record where it is
  /// there; the second is for one whose beginning had come before.
  static constexpr int kReadsPerCall = 2;

  class Pieces;

  TlsChannel(SslHandle ssl, int socket, TlsScratch& scratch)
      : socket_(socket), ssl_(std::move(ssl)), scratch_(scratch) {}

  /// Has OpenSSL write a batch of records, from the front of `rest`. False when that is through, or
  /// OpenSSL takes no more for now.
  bool WriteBatch(Pieces& rest);
  /// Sends the batch, and counts it in `sent` once it has left as a whole: true, and the next may
  /// follow.
  bool FinishBatch(Sent& sent);

  /// What precedes each call of OpenSSL that reads or writes.
  void PrepareCall();
  /// Notes why a call failed, which returned `result`; SSL_get_error's answer.
  int NoteFailure(int result);

  TlsSocket socket_;  // outlives its user
  const SslHandle ssl_;
  TlsScratch& scratch_;
  size_t batch_bytes_ = 0;  // of the pieces, in records that have not all left
  size_t retry_bytes_ = 0;  // OpenSSL holds a record of so many bytes, and wants them once more
  bool has_input_ = false;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
  bool has_failed_ = false;
  bool is_violated_ = false;
  uint64_t violation_ = 0;  // OpenSSL's code of it
  int system_error_ = 0;
};

}  // namespace quarry::net
