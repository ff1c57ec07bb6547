#include "daemon/net/udp_endpoint.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <absl/strings/ascii.h>

#include "daemon/command/session.h"
#include "protocol/binary_parser.h"
#include "protocol/binary_reply.h"
#include "protocol/error.h"
#include "protocol/parser.h"

namespace quarry::net {

using command::Session;

namespace {

/// Packets tell by their first byte; text replies begin with a capital letter or a digit, and
/// commands with a small letter. (A dump begins with one as well: its answers do not.)
bool IsReply(std::string_view payload) {
  const auto first = static_cast<unsigned char>(payload.front());
  return absl::ascii_isupper(first) || absl::ascii_isdigit(first) || first == protocol::kReplyMagic;
}

}  // namespace

UdpEndpoint::UdpEndpoint(const Context& context, FileDescriptor socket, Options options)
    : executor_(context.executor),
      counters_(context.counters),
      replies_(context.replies),
      socket_(std::move(socket)),
      options_(options),
      datagram_(kMaxDatagramBytes) {
  readable_.Assign<&UdpEndpoint::OnReadable>(context.loop, socket_.value(), this);
}

bool UdpEndpoint::Start() {
  return readable_.Want(EPOLLIN);
}

void UdpEndpoint::OnReadable() {
  yields_ = 0;
  for (int i = 0; i < kMaxDatagramsPerTurn && yields_ == 0; ++i) {
    SocketAddress client;
    const ssize_t count = client.ReceiveFrom(socket_.value(), datagram_);
    if (count < 0) {
      return;
    }
    command::Bump(counters_.bytes_read, static_cast<uint64_t>(count));
    Answer({datagram_.data(), static_cast<size_t>(count)}, client);
  }
}

void UdpEndpoint::Answer(std::string_view datagram, const SocketAddress& client) {
  const std::optional<UdpFrame> frame = UdpFrame::OfRequest(datagram);
  // A reply comes from another server, under whose address somebody has sent a request: taken for a
  // request and answered, it would make the two answer each other for ever.
  if (!frame || IsReply(frame->payload) || client.port() == 0) {
    return;
  }
  const size_t max_reply_bytes = MaxReplyBytes(datagram.size(), client);
  if (!Execute(frame->payload, max_reply_bytes)) {
    ReplyTooLarge(frame->payload);
  }
  if (reply_.size() <= max_reply_bytes) {
    Send(frame->request_id, client);
  }
  reply_.clear();
}

size_t UdpEndpoint::MaxReplyBytes(size_t datagram_bytes, const SocketAddress& client) const {
  if (options_.reply_factor == 0 || client.is_loopback()) {
    return kMaxReplyBytes;
  }
  const size_t allowed_bytes = std::min(kMaxReplyBytes, datagram_bytes * options_.reply_factor);
  // Each datagram of the reply has a header, which the client has not asked for either.
  const size_t header_bytes =
      UdpFrame::kHeaderBytes * ((allowed_bytes + UdpFrame::kMaxBytes - 1) / UdpFrame::kMaxBytes);
  return allowed_bytes - std::min(allowed_bytes, header_bytes);
}

void UdpEndpoint::ReplyTooLarge(std::string_view request) {
  constexpr protocol::Error kError = protocol::Error::kTooLargeForUdp;
  protocol::Request parsed;
  const auto form = protocol::WireFormOf(executor_.accepted_forms(), request.front());
  if (form == protocol::WireForm::kBinary) {
    protocol::ParseBinary(request.substr(0, Session::kMaxBufferedBytes), parsed);
    reply_.resize(protocol::kPacketRoom);
    reply_.resize(static_cast<size_t>(
        protocol::WriteErrorPacket(reply_.data(), protocol::EchoOf(parsed), kError) -
        reply_.data()));
  } else {
    reply_ = protocol::ErrorLine(kError);
  }
}

/// Leaves in reply_ what `request` is answered with. False when that is too long, or takes too long
/// to make.
bool UdpEndpoint::Execute(std::string_view request, size_t max_reply_bytes) {
  replies_.Unlimit();
  Session session(executor_, WakeUp(), socket_.value());  // nobody waits
  while (yields_ < kMaxYieldsPerTurn) {
    const Session::Progress progress = session.Consume(request, replies_);
    request.remove_prefix(progress.consumed);
    if (!TakeReplies(max_reply_bytes)) {
      return false;
    }
    switch (progress.next) {
      case Session::Next::kWait:
        if (!session.ignores_input()) {
          reply_.clear();  // of its answers some would be missing, and nothing would tell
        }
        return true;
      case Session::Next::kRead:
      case Session::Next::kClose:
        return true;
      case Session::Next::kFlush:
        break;
      case Session::Next::kYield:
        ++yields_;
        break;
    }
  }
  return false;
}

/// Moves what replies_ holds behind reply_. False, and nothing is kept, when it is too long.
bool UdpEndpoint::TakeReplies(size_t max_reply_bytes) {
  const std::string_view text = replies_.text();
  size_t taken = 0;
  for (const command::ReplyBuffer::Piece& piece : replies_.pieces()) {
    reply_ += text.substr(taken, piece.text_end - taken);
    taken = piece.text_end;
    if (const auto* pin = std::get_if<core::Pin>(&piece.content)) {
      core::ValuePieces rest = pin->pieces();
      if (reply_.size() + rest.rest_bytes() > max_reply_bytes) {
        replies_.Clear();
        return false;
      }
      while (!rest.empty()) {
        reply_ += rest.TakeFront();
      }
    } else {
      reply_ += std::get<std::string>(piece.content);
    }
  }
  reply_ += text.substr(taken);
  replies_.Clear();
  return reply_.size() <= max_reply_bytes;
}

void UdpEndpoint::Send(uint16_t request_id, const SocketAddress& client) {
  const size_t count = UdpFrame::CountFor(reply_.size());
  for (size_t i = 0; i < count; ++i) {
    UdpFrame::Header header =
        UdpFrame::ReplyHeader(request_id, static_cast<uint16_t>(i), static_cast<uint16_t>(count));
    const size_t begin = i * UdpFrame::kMaxPayloadBytes;
    const size_t bytes = std::min(UdpFrame::kMaxPayloadBytes, reply_.size() - begin);
    std::array<iovec, 2> vectors = {{{header.data(), header.size()}, {&reply_[begin], bytes}}};
    const ssize_t sent = client.SendTo(socket_.value(), vectors);
    if (sent < 0) {
      return;
    }
    command::Bump(counters_.bytes_written, static_cast<uint64_t>(sent));
  }
}

}  // namespace quarry::net
