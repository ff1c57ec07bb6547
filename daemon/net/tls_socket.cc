#include "daemon/net/tls_socket.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "core/base/check.h"
#include "daemon/net/socket_calls.h"

namespace quarry::net {
namespace {

TlsSocket& SocketOf(BIO* bio) {
  return *static_cast<TlsSocket*>(BIO_get_data(bio));
}

struct FreeMethod {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

}  // namespace

const BIO_METHOD* TlsSocket::Method() {
  static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
    std::unique_ptr<BIO_METHOD, FreeMethod> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket with batches"));
    const bool is_complete = made != nullptr && BIO_meth_set_read_ex(made.get(), Read) == 1 &&
                             BIO_meth_set_write_ex(made.get(), Write) == 1 &&
                             BIO_meth_set_ctrl(made.get(), Control) == 1;
    QUARRY_CHECK(is_complete);
    return made;
  }();
  return method.get();
}

bool TlsSocket::Attach(SSL* ssl) {
  BIO* const bio = BIO_new(Method());
  if (bio == nullptr) {
    return false;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);  // which owns it from now on
  is_attached_ = true;
  return true;
}

void TlsSocket::BeginBatch(std::span<char> room) {
  QUARRY_CHECK(kept_.empty() && gathered_bytes_ == 0 && room.size() >= kMaxRecordBytes);
  if (is_attached_) {
    room_ = room;
  }
}

bool TlsSocket::Flush() {
  const bool can_go_on = SendGathered();
  room_ = {};
  return can_go_on;
}

bool TlsSocket::SendGathered() {
  const std::string_view gathered(room_.data(), std::exchange(gathered_bytes_, 0));
  const std::string_view unsent = kept_.empty() ? gathered : kept_;
  size_t sent = 0;
  if (!unsent.empty() && !Send(unsent, sent)) {
    return false;
  }
  if (kept_.empty()) {
    kept_ = gathered.substr(sent);
  } else {
    kept_.erase(0, sent);
  }
  if (kept_.empty()) {
    kept_.shrink_to_fit();
  }
  return true;
}

bool TlsSocket::Send(std::string_view bytes, size_t& sent) const {
  const ssize_t result = SendTo(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  sent = static_cast<size_t>(std::max<ssize_t>(result, 0));
  return result >= 0 || IsTransient(errno);
}

int TlsSocket::Read(BIO* bio, char* room, size_t bytes, size_t* received) noexcept {
  TlsSocket& self = SocketOf(bio);
  BIO_clear_retry_flags(bio);
  *received = 0;
  if (self.reads_left_ <= 0) {
    self.reads_left_ = -1;
    BIO_set_retry_read(bio);
    return -1;
  }
  --self.reads_left_;
  const ssize_t result = ReceiveFrom(self.socket_, room, bytes);
  *received = static_cast<size_t>(std::max<ssize_t>(result, 0));
  self.at_end_ = result == 0;
  if (result < 0 && IsTransient(errno)) {
    BIO_set_retry_read(bio);
  }
  return result > 0 ? 1 : static_cast<int>(result);
}

int TlsSocket::Write(BIO* bio, const char* data, size_t bytes, size_t* written) noexcept {
  TlsSocket& self = SocketOf(bio);
  BIO_clear_retry_flags(bio);
  *written = 0;
  if (!self.has_kept() && bytes <= self.room_.size() - self.gathered_bytes_) {
    std::copy_n(data, bytes, self.room_.data() + self.gathered_bytes_);
    self.gathered_bytes_ += bytes;
    *written = bytes;
    return 1;
  }
  if (!self.SendGathered() || (!self.has_kept() && !self.Send({data, bytes}, *written))) {
    return -1;
  }
  if (*written == 0) {
    BIO_set_retry_write(bio);
    return -1;
  }
  return 1;
}

// NOLINTNEXTLINE(google-runtime-int): OpenSSL's type
long TlsSocket::Control(BIO* bio, int command, long /*number*/, void* /*pointer*/) noexcept {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return SocketOf(bio).at_end_ ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace quarry::net
