#include "daemon/net/tls_channel.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <openssl/err.h>

#include "core/base/check.h"

namespace quarry::net {

/// Goes through bytes that lie in several pieces.
class TlsChannel::Pieces {
 public:
  explicit Pieces(std::span<const iovec> pieces) : pieces_(pieces) {}

  /// The next bytes, at most `max_bytes`: where they lie if that is one place, else as a copy in
  /// `scratch`, which has room for so many.
  std::string_view Peek(size_t max_bytes, std::span<char> scratch) const {
    if (pieces_.empty()) {
      return {};
    }
    const std::string_view first = Rest(pieces_.front(), offset_);
    if (first.size() >= max_bytes || pieces_.size() == 1) {
      return first.substr(0, max_bytes);
    }
    QUARRY_CHECK(max_bytes <= scratch.size());
    size_t copied = 0;
    size_t offset = offset_;
    for (const iovec& piece : pieces_) {
      copied += Rest(piece, offset).copy(scratch.data() + copied, max_bytes - copied);
      offset = 0;
    }
    return {scratch.data(), copied};
  }

  void Advance(size_t bytes) {
    offset_ += bytes;
    while (!pieces_.empty() && offset_ >= pieces_.front().iov_len) {
      offset_ -= pieces_.front().iov_len;
      pieces_ = pieces_.subspan(1);
    }
  }

 private:
  static std::string_view Rest(const iovec& piece, size_t offset) {
    return {static_cast<const char*>(piece.iov_base) + offset, piece.iov_len - offset};
  }

  std::span<const iovec> pieces_;
  size_t offset_ = 0;  // into the first of them
};

std::unique_ptr<TlsChannel> TlsChannel::Create(SslHandle ssl, int socket, bool kernel_tls,
                                               TlsScratch& scratch) {
  std::unique_ptr<TlsChannel> channel(new TlsChannel(std::move(ssl), socket, scratch));
  SSL* const connection = channel->ssl_.get();
  const bool is_connected =
      kernel_tls ? SSL_set_fd(connection, socket) == 1 : channel->socket_.Attach(connection);
  return is_connected ? std::move(channel) : nullptr;
}

TlsChannel::~TlsChannel() {
  // What OpenSSL has sent half of a record of would be torn by another; what the socket has kept
  // leaves first.
  if (!has_failed_ && retry_bytes_ == 0 && SSL_is_init_finished(ssl_.get()) != 0) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

TlsChannel::Handshake TlsChannel::ContinueHandshake() {
  PrepareCall();
  const int result = SSL_accept(ssl_.get());
  if (result == 1) {
    // The client's first request may have come along with the end of its handshake.
    has_input_ = SSL_has_pending(ssl_.get()) != 0;
    return Handshake::kDone;
  }
  switch (NoteFailure(result)) {
    case SSL_ERROR_WANT_READ:
      return Handshake::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return Handshake::kWantsWrite;
    case SSL_ERROR_SSL:
      return Handshake::kRefused;
    default:
      return Handshake::kGone;
  }
}

bool TlsChannel::is_resumed() const {
  return SSL_session_reused(ssl_.get()) != 0;
}

TlsChannel::Received TlsChannel::Read(std::span<const iovec> room) {
  Received received;
  has_input_ = false;
  read_wants_write_ = false;
  if (has_failed_) {  // OpenSSL does not remember that
    received.ended = true;
    return received;
  }
  for (const iovec& vector : room) {
    size_t filled = 0;
    while (filled < vector.iov_len) {
      PrepareCall();
      size_t count = 0;
      const int result = SSL_read_ex(ssl_.get(), static_cast<char*>(vector.iov_base) + filled,
                                     vector.iov_len - filled, &count);
      if (result != 1) {
        const int error = NoteFailure(result);
        read_wants_write_ = error == SSL_ERROR_WANT_WRITE;
        const bool ended = error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ;
        // What came before the end is to be handled first; the next call finds the end again.
        has_input_ =
            read_wants_write_ || (ended ? received.bytes > 0 : socket_.wanted_more_reads());
        received.ended = ended && received.bytes == 0;
        return received;
      }
      filled += count;
      received.bytes += count;
      if (filled < vector.iov_len && SSL_has_pending(ssl_.get()) == 0) {
        return received;  // more would need a system call, most often in vain
      }
    }
  }
  received.filled = true;
  has_input_ = SSL_has_pending(ssl_.get()) != 0;
  return received;
}

TlsChannel::Sent TlsChannel::Write(std::span<const iovec> pieces) {
  Sent sent;
  write_wants_read_ = false;
  Pieces rest(pieces);
  rest.Advance(batch_bytes_);
  bool goes_on = FinishBatch(sent);
  while (goes_on && sent.bytes < kMaxWriteBytes) {
    const bool has_more = WriteBatch(rest);
    goes_on = FinishBatch(sent) && has_more;
  }
  write_wants_read_ = write_wants_read_ && !socket_.has_kept();
  sent.broken = has_failed_;
  return sent;
}

bool TlsChannel::WriteBatch(Pieces& rest) {
  socket_.BeginBatch(scratch_.batch());
  do {
    const std::span<char> gathered = scratch_.gathered();
    const std::string_view record =
        rest.Peek(retry_bytes_ != 0 ? retry_bytes_ : gathered.size(), gathered);
    if (record.empty()) {
      return false;
    }
    QUARRY_CHECK(record.size() >= retry_bytes_);
    // Where it has to read first, it may take requests along that come behind.
    const bool may_read = SSL_in_init(ssl_.get()) != 0;
    PrepareCall();
    size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), record.data(), record.size(), &written);
    if (result != 1) {
      const int error = NoteFailure(result);
      has_failed_ |= error == SSL_ERROR_ZERO_RETURN;  // what it has to read first will not come
      write_wants_read_ = error == SSL_ERROR_WANT_READ;
      retry_bytes_ = has_failed_ ? 0 : record.size();
      return false;
    }
    QUARRY_CHECK(written == record.size());  // partial writes are not asked for
    has_input_ |= may_read && SSL_has_pending(ssl_.get()) != 0;
    retry_bytes_ = 0;
    batch_bytes_ += written;
    rest.Advance(written);
  } while (socket_.BatchHasRoom());
  return true;
}

bool TlsChannel::FinishBatch(Sent& sent) {
  if (!socket_.Flush()) {
    has_failed_ = true;
    system_error_ = errno;
  }
  if (has_failed_ || socket_.has_kept()) {
    return false;
  }
  sent.bytes += batch_bytes_;
  batch_bytes_ = 0;
  return true;
}

void TlsChannel::PrepareCall() {
  ERR_clear_error();
  socket_.AllowReads(kReadsPerCall);
}

int TlsChannel::NoteFailure(int result) {
  const int system_error = errno;
  const int error = SSL_get_error(ssl_.get(), result);
  switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_ZERO_RETURN:  // the client sends no more, but may still read
      break;
    default:
      has_failed_ = true;
      is_violated_ = error == SSL_ERROR_SSL;
      violation_ = is_violated_ ? ERR_peek_error() : 0;
      system_error_ = error == SSL_ERROR_SYSCALL ? system_error : 0;
      break;
  }
  ERR_clear_error();
  return error;
}

std::string TlsChannel::Violation() const {
  const char* reason = ERR_reason_error_string(violation_);
  return reason != nullptr ? reason : "unknown reason";
}

}  // namespace quarry::net
