#include "daemon/net/stream.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "core/base/check.h"
#include "daemon/net/socket_address.h"

namespace quarry::net {
namespace {

/// True when a call on a socket may succeed later.
bool IsTemporary(int error) {
  return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Stream::Received Stream::Read(std::span<const iovec> room) {
  const ssize_t result = room.size() == 1
                             ? recv(socket_.value(), room[0].iov_base, room[0].iov_len, 0)
                             : readv(socket_.value(), room.data(), static_cast<int>(room.size()));
  if (result < 0) {
    return {.ended = !IsTemporary(errno)};
  }
  const auto bytes = static_cast<size_t>(result);
  command::Bump(counters_.bytes_read, bytes);
  moved_bytes_ += bytes;
  size_t room_bytes = 0;
  for (const iovec& vector : room) {
    room_bytes += vector.iov_len;
  }
  return {.bytes = bytes, .ended = bytes == 0, .filled = bytes == room_bytes};
}

size_t Stream::Send(command::ReplyBuffer& replies) {
  if (replies.empty() || broken_) {
    replies.Clear();
    return 0;
  }
  QUARRY_CHECK(!has_unsent());
  if (!replies.pieces().empty()) {
    unsent_.Take(replies);
    const size_t sent = SendUnsent();
    unsent_.Detach();
    if (has_unsent()) {
      ++backlog_count_;
    }
    return sent;
  }
  const std::string_view text = replies.text();
  const size_t sent =
      CountSent(send(socket_.value(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  if (sent < text.size() && !broken_) {
    unsent_.TakeText(text.substr(sent));
    unsent_.Detach();
  }
  replies.Clear();
  return sent;
}

size_t Stream::SendUnsent() {
  std::array<iovec, kMaxVectors> vectors = {};
  msghdr message = {};
  message.msg_iov = vectors.data();
  message.msg_iovlen = unsent_.Gather(vectors);
  if (message.msg_iovlen == 0) {
    return 0;
  }
  const size_t sent = CountSent(sendmsg(socket_.value(), &message, MSG_NOSIGNAL | MSG_DONTWAIT));
  if (!broken_) {
    unsent_.Advance(sent);
  }
  return sent;
}

size_t Stream::CountSent(ssize_t result) {
  if (result < 0) {
    if (!IsTemporary(errno)) {
      broken_ = true;
      unsent_.Clear();
    }
    return 0;
  }
  const auto sent = static_cast<size_t>(result);
  command::Bump(counters_.bytes_written, sent);
  moved_bytes_ += sent;
  return sent;
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
