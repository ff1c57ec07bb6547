#include "tests/bench/send_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

namespace quarry::bench {
namespace {

constexpr size_t kPiecesPerCall = 16;

}  // namespace

char* SendQueue::Reserve(size_t bytes) {
  if (own_.size() - own_used_ < bytes) {
    own_.resize(std::max(own_.size() * 2, own_used_ + bytes));
  }
  return own_.data() + own_used_;
}

void SendQueue::Commit(const char* end) {
  const auto size = static_cast<size_t>(end - (own_.data() + own_used_));
  if (!pieces_.empty() && pieces_.back().reference == nullptr) {
    pieces_.back().size += size;
  } else {
    pieces_.push_back({nullptr, own_used_, size});
  }
  own_used_ += size;
}

void SendQueue::Append(std::string_view bytes) {
  char* const out = Reserve(bytes.size());
  Commit(std::copy(bytes.begin(), bytes.end(), out));
}

void SendQueue::AppendReference(std::string_view bytes) {
  pieces_.push_back({bytes.data(), 0, bytes.size()});
}

SendQueue::Outcome SendQueue::Flush(int fd, size_t* sent_bytes, TlsStream* tls) {
  while (first_piece_ < pieces_.size()) {
    const Outcome outcome = SendPieces(fd, sent_bytes, tls);
    if (outcome != Outcome::kSent) {
      return outcome;
    }
  }
  pieces_.clear();
  first_piece_ = 0;
  own_used_ = 0;
  return Outcome::kSent;
}

SendQueue::Outcome SendQueue::SendPieces(int fd, size_t* sent_bytes, TlsStream* tls) {
  std::array<iovec, kPiecesPerCall> vectors{};
  const size_t count = std::min(kPiecesPerCall, pieces_.size() - first_piece_);
  for (size_t i = 0; i < count; ++i) {
    const Piece& piece = pieces_[first_piece_ + i];
    const char* const bytes =
        piece.reference != nullptr ? piece.reference : own_.data() + piece.own_offset;
    // sendmsg only reads, but its vector type is shared with recvmsg and therefore not const.
    vectors[i] = {const_cast<char*>(bytes), piece.size};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  const ssize_t sent = tls != nullptr ? tls->Send(std::span(vectors).first(count))
                                      : sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    return errno == EAGAIN || errno == EINTR ? Outcome::kBlocked : Outcome::kFailed;
  }
  *sent_bytes += static_cast<size_t>(sent);
  Advance(static_cast<size_t>(sent));
  return Outcome::kSent;
}

void SendQueue::Advance(size_t bytes) {
  while (first_piece_ < pieces_.size() && bytes >= pieces_[first_piece_].size) {
    bytes -= pieces_[first_piece_].size;
    ++first_piece_;
  }
  if (bytes > 0) {
    Piece& piece = pieces_[first_piece_];
    piece.size -= bytes;
    if (piece.reference != nullptr) {
      piece.reference += bytes;
    } else {
      piece.own_offset += bytes;
    }
  }
}

}  // namespace quarry::bench
