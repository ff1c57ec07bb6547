#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace quarry::net {

/// The socket below a TLS connection, as OpenSSL reads from it and writes to it. Records that are
/// written while a batch is open leave in one call: to send one costs the kernel more than
/// OpenSSL takes to encrypt it. What the socket does not take of a batch is kept, and leaves
/// before anything else does. No call blocks. Belongs to its connection's worker.
class TlsSocket {
 public:
  /// A full record takes no more; a client that asks for small ones may get many for as much.
  static constexpr size_t kMaxRecordBytes = SSL3_RT_MAX_PACKET_SIZE;

  /// `socket` is connected and non-blocking, and outlives this.
  explicit TlsSocket(int socket) : socket_(socket) {}
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;
  ~TlsSocket() = default;

  /// Makes `ssl` read and write here for as long as it lives. Without it there are no batches.
  /// False: out of memory.
  [[nodiscard]] bool Attach(SSL* ssl);

  /// Until the next call the socket is read so often at most, and seems empty then. With what
  /// brings OpenSSL no data, changes of keys for one, a client could hold a call for as long as it
  /// sends.
  void AllowReads(int count) { reads_left_ = count; }
  /// True when more reads were wanted than were allowed.
  bool wanted_more_reads() const { return reads_left_ < 0; }

  /// Opens a batch in `room`, which has kMaxRecordBytes at least and is used until Flush. Nothing
  /// may be kept.
  void BeginBatch(std::span<char> room);
  bool BatchHasRoom() const { return room_.size() - gathered_bytes_ >= kMaxRecordBytes; }
  /// Closes the batch, if one is open, and sends it, or what was kept. False, with errno, when
  /// nothing can be sent any more.
  [[nodiscard]] bool Flush();

  bool has_kept() const { return !kept_.empty(); }
  /// The memory that is taken by what was kept.
  size_t kept_bytes() const { return kept_.capacity(); }

 private:
  static const BIO_METHOD* Method();
  // For OpenSSL, which no exception can pass through: want of memory ends the process at once.
  static int Read(BIO* bio, char* room, size_t bytes, size_t* received) noexcept;
  static int Write(BIO* bio, const char* data, size_t bytes, size_t* written) noexcept;
  // NOLINTNEXTLINE(google-runtime-int): OpenSSL's type
  static long Control(BIO* bio, int command, long number, void* pointer) noexcept;

  /// Sends what was kept, or else what was gathered. False, with errno, as Flush.
  [[nodiscard]] bool SendGathered();
  /// Sends as much of `bytes` as the socket takes. False, with errno, as Flush.
  [[nodiscard]] bool Send(std::string_view bytes, size_t& sent) const;

  const int socket_;
  bool is_attached_ = false;
  bool at_end_ = false;
  int reads_left_ = 0;    // below 0: one more was wanted
  std::span<char> room_;  // empty: no batch is open
  size_t gathered_bytes_ = 0;
  std::string kept_;
};

}  // namespace quarry::net
