#include "daemon/net/stream.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon/net/socket_address.h"

namespace quarry::net {
namespace {

/// The low-water mark is at most this part of the socket's buffer, of which the kernel's accounts
/// of received bytes may take half. Were it near what the client may send before anything is read,
/// the client could wait for room, and the server for more bytes.
constexpr int kLowWaterShare = 8;

}  // namespace

bool Stream::CanGoOn() {
  if (IsTransient(errno)) {
    return true;
  }
  error_ = errno;
  return false;
}

Stream::Received Stream::Read(std::span<const iovec> room) {
  if (tls_ != nullptr) [[unlikely]] {
    return ReadTls(room);
  }
  size_t room_bytes = 0;
  for (const iovec& vector : room) {
    room_bytes += vector.iov_len;
  }
  return CountRead(readv(socket_.value(), room.data(), static_cast<int>(room.size())), room_bytes);
}

void Stream::RaiseLowWater(size_t bytes) {
  if (bytes <= low_water_bytes_ || is_tls()) {
    return;
  }
  int room_bytes = 0;
  socklen_t size = sizeof(room_bytes);
  if (getsockopt(socket_.value(), SOL_SOCKET, SO_RCVBUF, &room_bytes, &size) != 0) {
    return;
  }
  const size_t low_water = std::min(bytes, static_cast<size_t>(room_bytes / kLowWaterShare));
  if (low_water > low_water_bytes_) {
    SetLowWater(static_cast<uint32_t>(low_water));
  }
}

void Stream::ResetLowWater() {
  SetLowWater(1);
}

void Stream::SetLowWater(uint32_t bytes) {
  const int option = static_cast<int>(bytes);
  if (setsockopt(socket_.value(), SOL_SOCKET, SO_RCVLOWAT, &option, sizeof(option)) == 0) {
    low_water_bytes_ = bytes;
  }
}

Stream::Received Stream::ReadTls(std::span<const iovec> room) {
  const TlsChannel::Received received = tls_->Read(room);
  command::Bump(counters_.bytes_read, received.bytes);
  moved_bytes_ += received.bytes;
  return {.bytes = received.bytes, .ended = received.ended, .filled = received.filled};
}

/// Send in every case.
size_t Stream::SendAny(command::ReplyBuffer& replies) {
  if (replies.empty() || broken_) {
    replies.Clear();
    return 0;
  }
  QUARRY_CHECK(!has_unsent());
  if (replies.has_pieces()) {
    unsent_.Take(replies);
    const size_t sent = SendUnsent();
    unsent_.Detach();
    if (has_unsent()) {
      ++backlog_count_;
    }
    return sent;
  }
  const std::string_view text = replies.text();
  const iovec piece = {const_cast<char*>(text.data()), text.size()};
  const size_t sent = SendTls({&piece, 1});
  KeepUnsent(text.substr(sent));
  replies.Clear();
  return sent;
}

void Stream::KeepUnsent(std::string_view text) {
  if (!broken_) {
    unsent_.TakeText(text);
    unsent_.Detach();
  }
}

size_t Stream::SendUnsent() {
  std::array<iovec, kMaxVectors> vectors = {};
  msghdr message = {};
  message.msg_iov = vectors.data();
  message.msg_iovlen = unsent_.Gather(vectors);
  if (message.msg_iovlen == 0) {
    return 0;
  }
  const size_t sent =
      tls_ != nullptr ? SendTls(std::span(vectors).first(message.msg_iovlen))
                      : CountSent(sendmsg(socket_.value(), &message, MSG_NOSIGNAL | MSG_DONTWAIT));
  if (!broken_) {
    unsent_.Advance(sent);
  }
  return sent;
}

size_t Stream::SendTls(std::span<const iovec> pieces) {
  const TlsChannel::Sent sent = tls_->Write(pieces);
  CountSent(static_cast<ssize_t>(sent.bytes));
  if (sent.broken) {
    Break();
  }
  return sent.bytes;
}

void Stream::Break() {
  broken_ = true;
  unsent_.Clear();
}

bool Stream::IsHungUp() const {
  pollfd state = {.fd = socket_.value(), .events = 0, .revents = 0};
  return poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

bool Stream::AllAcknowledged() const {
  // What was sent to a UNIX socket lies at the peer already, and stays there.
  int unacknowledged = 0;
  return SocketAddress::Local(socket_.value()).is_unix() ||
         ioctl(socket_.value(), SIOCOUTQ, &unacknowledged) != 0 || unacknowledged == 0 ||
         IsHungUp();
}

}  // namespace quarry::net
