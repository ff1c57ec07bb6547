#include "tests/bench/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/bench/cpu_clock.h"

namespace quarry::bench {

Connection::Connection(int fd, std::unique_ptr<TlsStream> tls, uint64_t seed, Traffic* traffic)
    : fd_(fd), tls_(std::move(tls)), traffic_(traffic), random_(seed) {
  if (traffic->writer.dialect() == Dialect::kBinary) {
    parser_.emplace<BinaryReplyParser>();
  }
}

Connection::~Connection() {
  close(fd_);
}

void Connection::StartBurst(int request_count, uint64_t start_ns) {
  pending_.clear();
  first_pending_ = 0;
  asked_keys_.clear();
  asked_begin_ = 0;
  next_asked_ = 0;
  burst_start_ns_ = start_ns;
  for (int i = 0; i < request_count; ++i) {
    WriteRequest();
  }
  state_ = State::kBusy;
  Flush();
}

void Connection::WriteRequest() {
  const uint64_t shares = uint64_t{traffic_->get_share} + traffic_->set_share;
  // No random number is spent where there is nothing to choose.
  const bool is_get = traffic_->set_share == 0 ||
                      (traffic_->get_share != 0 && random_.Below(shares) < traffic_->get_share);
  if (!is_get) {
    traffic_->writer.WriteSet(output_, traffic_->pattern.Next(random_), random_.Next());
    pending_.push_back({false, 1});
    return;
  }
  request_keys_.clear();
  for (size_t i = 0; i < traffic_->keys_per_get; ++i) {
    request_keys_.push_back(traffic_->pattern.Next(random_));
  }
  traffic_->writer.WriteGet(output_, request_keys_);
  pending_.push_back({true, request_keys_.size()});
  if (traffic_->verify) {
    asked_keys_.insert(asked_keys_.end(), request_keys_.begin(), request_keys_.end());
  }
}

void Connection::OnWritable() {
  Flush();
}

void Connection::Flush() {
  size_t sent_bytes = 0;
  if (output_.Flush(fd_, &sent_bytes, tls_.get()) == SendQueue::Outcome::kFailed) {
    Close();
  }
  traffic_->counters.sent_bytes += sent_bytes;
}

ssize_t Connection::Receive(std::span<char> room) {
  return tls_ != nullptr ? tls_->Receive(room) : recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
}

void Connection::OnReadable() {
  const std::span<char> buffer = traffic_->read_buffer;
  while (state_ != State::kClosed) {
    const ssize_t received = Receive(buffer);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (received <= 0) {
      Close();
      return;
    }
    const auto received_bytes = static_cast<size_t>(received);
    traffic_->counters.received_bytes += received_bytes;
    Consume(std::string_view(buffer.data(), received_bytes), MonotonicNs());
    // A short read emptied the socket: asking again would cost a call for nothing.
    if (received_bytes < buffer.size()) {
      return;
    }
  }
}

void Connection::Consume(std::string_view input, uint64_t now_ns) {
  for (;;) {
    const Reply reply = NextReply(&input);
    if (reply.kind == ReplyKind::kIncomplete) {
      return;
    }
    const Meaning meaning = MeaningOf(reply.kind);
    if (meaning == Meaning::kNonsense) {
      ++traffic_->errors.unknown_lines;
      traffic_->errors.CountText(reply.text);
      Close();
      return;
    }
    Count(reply);
    if (meaning == Meaning::kLast) {
      Complete(now_ns);
    }
  }
}

Reply Connection::NextReply(std::string_view* input) {
  if (auto* const text_parser = std::get_if<ReplyParser>(&parser_); text_parser != nullptr) {
    return text_parser->Next(input);
  }
  return std::get<BinaryReplyParser>(parser_).Next(input);
}

Connection::Meaning Connection::MeaningOf(ReplyKind kind) const {
  if (first_pending_ == pending_.size() || kind == ReplyKind::kUnknownLine) {
    return Meaning::kNonsense;
  }
  const Pending& request = pending_[first_pending_];
  const bool is_group = request.is_get && request.key_count > 1;
  // Where END closes no get, a group of gets is closed by a request of its own.
  const bool is_closed_apart = traffic_->writer.dialect() != Dialect::kClassic;
  switch (kind) {
    case ReplyKind::kErrorLine:
      return is_closed_apart && is_group ? Meaning::kPart : Meaning::kLast;
    case ReplyKind::kStored:
    case ReplyKind::kNotStored:
      return request.is_get ? Meaning::kNonsense : Meaning::kLast;
    case ReplyKind::kEnd:
      return request.is_get && !is_closed_apart ? Meaning::kLast : Meaning::kNonsense;
    case ReplyKind::kMiss:
      return request.is_get && is_closed_apart && !is_group ? Meaning::kLast : Meaning::kNonsense;
    case ReplyKind::kNoop:
      return is_closed_apart && is_group ? Meaning::kLast : Meaning::kNonsense;
    case ReplyKind::kValueEnd:
      return is_closed_apart && !is_group ? Meaning::kLast : Meaning::kPart;
    case ReplyKind::kValueHead:
    case ReplyKind::kValueBytes:
      return request.is_get ? Meaning::kPart : Meaning::kNonsense;
    case ReplyKind::kIncomplete:
    case ReplyKind::kUnknownLine:
      break;
  }
  return Meaning::kNonsense;
}

void Connection::Count(const Reply& reply) {
  Counters& counters = traffic_->counters;
  switch (reply.kind) {
    case ReplyKind::kValueHead:
      ++pending_[first_pending_].hits;
      counters.hit_key_bytes += reply.text.size();
      counters.hit_value_bytes += reply.value_bytes;
      if (traffic_->verify) {
        value_key_ = reply.text;
        checker_.Begin();
      }
      break;
    case ReplyKind::kValueBytes:
      if (traffic_->verify) {
        checker_.Feed(reply.text);
      }
      break;
    case ReplyKind::kValueEnd:
      if (traffic_->verify) {
        CheckValue();
      }
      break;
    case ReplyKind::kStored:
      ++counters.stored;
      break;
    case ReplyKind::kNotStored:
      ++counters.not_stored;
      break;
    case ReplyKind::kErrorLine:
      ++traffic_->errors.error_lines;
      traffic_->errors.CountText(reply.text);
      break;
    default:
      break;
  }
}

void Connection::CheckValue() {
  const std::optional<uint64_t> key_number = checker_.Finish();
  if (key_number.has_value()) {
    std::array<char, KeyFormat::kMaxKeyBytes> key{};
    const char* const key_end = traffic_->writer.keys().Write(key.data(), *key_number);
    const auto begin = asked_keys_.begin() + static_cast<ptrdiff_t>(next_asked_);
    const auto end = asked_keys_.begin() +
                     static_cast<ptrdiff_t>(asked_begin_ + pending_[first_pending_].key_count);
    const auto asked = std::find(begin, end, *key_number);
    if (value_key_ == std::string_view(key.data(), static_cast<size_t>(key_end - key.data())) &&
        asked != end) {
      next_asked_ = static_cast<size_t>(asked - asked_keys_.begin()) + 1;
      return;
    }
  }
  ++traffic_->errors.wrong_values;
  traffic_->errors.CountText("wrong value under " + value_key_);
}

void Connection::Complete(uint64_t now_ns) {
  const Pending& request = pending_[first_pending_];
  Counters& counters = traffic_->counters;
  ++counters.requests;
  counters.latencies_ns.Record(now_ns - std::min(burst_start_ns_, now_ns));
  if (request.is_get) {
    counters.keys_asked += request.key_count;
    counters.hits += request.hits;
    asked_begin_ += request.key_count;
    next_asked_ = asked_begin_;
  } else {
    ++counters.sets;
  }
  if (++first_pending_ == pending_.size()) {
    state_ = State::kIdle;
  }
}

void Connection::Close() {
  state_ = State::kClosed;
  ++traffic_->errors.disconnections;
}

}  // namespace quarry::bench
