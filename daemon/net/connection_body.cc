// How much a connection reads at once, and how it receives a large value.

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "core/base/check.h"
#include "daemon/net/connection.h"

namespace quarry::net {
namespace {

/// What one call reads of a large value, in whole pieces of item memory. Behind each call TCP sends
/// acknowledgements and has the client send more, so that few calls cost less; but others wait for
/// as long as it takes.
constexpr size_t kBodyReadBytes = size_t{1} << 20;
constexpr size_t kMaxBodySpaces = 24;

/// A value of which more than this is missing is a stream. It is read in smaller pieces, and once
/// such a read has brought much, another follows at once: more may have come meanwhile. So the
/// server seldom falls asleep between two pieces, and what waits in the socket stays so little that
/// it is still in the processor's cache. Time ends it and not bytes, since pages may have to be
/// emptied for them. Between the turns the socket keeps quiet until it has as much as is worth
/// waking up for, which is the client's processor's work as well.
constexpr size_t kStreamBytes = kBodyReadBytes;
constexpr size_t kStreamReadBytes = size_t{512} << 10;
constexpr size_t kStreamGoesOnBytes = size_t{64} << 10;
constexpr std::chrono::milliseconds kStreamTime{1};
constexpr size_t kStreamLowWaterBytes = size_t{256} << 10;

/// How much is read behind a value that the read buffer could not have taken whole: for the line of
/// the next one, which is likely to be its like, and of whose value so little has to be copied.
constexpr size_t kLineReadBytes = 512;

}  // namespace

size_t Connection::BytesToRead(const ReadBuffer& input) {
  const size_t wanted_bytes = session_.wanted_bytes();
  const size_t missing_bytes = wanted_bytes - std::min(wanted_bytes, input.view().size());
  const bool expects_large = expects_large_value_;
  expects_large_value_ = false;
  return expects_large ? kLineReadBytes : std::max(missing_bytes, HeapBudget::kTightReadBytes);
}

/// Reads of a large value what is there; of a stream for a while.
Stream::Received Connection::ReceiveBody(ReadBuffer& input) {
  Stream::Received received = ReadBody(input);
  const auto goes_on = [&] {
    return received.bytes >= kStreamGoesOnBytes && IsStreaming();
  };
  if (!goes_on()) {
    return received;
  }
  size_t all_bytes = received.bytes;
  const auto end = std::chrono::steady_clock::now() + kStreamTime;
  do {
    received = ReadBody(input);
    all_bytes += received.bytes;
  } while (goes_on() && std::chrono::steady_clock::now() < end);
  received.bytes = all_bytes;
  // While others wait for its memory its pace counts, by what has been read.
  if (IsStreaming() && !session_.IsUploadAwaited()) {
    stream_.RaiseLowWater(kStreamLowWaterBytes);
  }
  return received;
}

/// True while what is missing of a large value is a stream. TLS has its own pieces.
bool Connection::IsStreaming() const {
  return session_.body_pending() && session_.missing_body_bytes() > kStreamBytes &&
         !stream_.is_tls();
}

/// Reads a large value into item memory, and into `input` what follows it, or all for want of that.
Stream::Received Connection::ReadBody(ReadBuffer& input) {
  QUARRY_CHECK(input.view().empty());
  expects_large_value_ = session_.body_bytes() > ReadBuffer::kBytes;
  std::array<std::span<char>, kMaxBodySpaces> spaces;
  const size_t space_count =
      session_.BodySpace(spaces, IsStreaming() ? kStreamReadBytes : kBodyReadBytes);
  std::array<iovec, kMaxBodySpaces + 1> vectors = {};
  size_t body_room = 0;
  for (size_t i = 0; i < space_count; ++i) {
    vectors[i] = {spaces[i].data(), spaces[i].size()};
    body_room += spaces[i].size();
  }
  size_t vector_count = space_count;
  if (space_count == 0 || body_room == session_.missing_body_bytes()) {
    const std::span<char> room = input.Room();
    vectors[vector_count++] = {room.data(), expects_large_value_ ? kLineReadBytes : room.size()};
  }

  const Stream::Received received = stream_.Read(std::span(vectors).first(vector_count));
  const size_t received_of_body = std::min(received.bytes, body_room);
  if (received_of_body > 0) {
    session_.BodyReceived(received_of_body);
  }
  input.Fill(received.bytes - received_of_body);
  return received;
}

}  // namespace quarry::net
