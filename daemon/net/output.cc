#include "daemon/net/output.h"

#include <algorithm>
#include <utility>

namespace quarry::net {
namespace {

/// What one call sends at most, whatever the socket takes, so that others do not wait for longer: a
/// client on the same machine that reads as fast may take all, in some 5 ms. In three parts, by
/// turns with those of others, 20 MB cost 8 % more CPU time.
constexpr size_t kMostGatheredBytes = size_t{24} << 20;

}  // namespace

void Output::Take(command::ReplyBuffer& replies) {
  const std::string_view text = replies.text();
  size_t taken = 0;
  segments_.reserve(segments_.size() + 2 * replies.pieces().size() + 1);
  for (command::ReplyBuffer::Piece& piece : replies.pieces()) {
    TakeText(text.substr(taken, piece.text_end - taken));
    taken = piece.text_end;
    std::visit([this](auto& content) { segments_.emplace_back(std::move(content)); },
               piece.content);
  }
  TakeText(text.substr(taken));
  replies.Clear();
  Advance(0);
}

void Output::TakeText(std::string_view text) {
  if (!text.empty()) {
    segments_.emplace_back(text);
  }
}

void Output::Detach() {
  for (size_t i = front_; i < segments_.size(); ++i) {
    if (const auto* text = std::get_if<std::string_view>(&segments_[i])) {
      const size_t sent = i == front_ ? std::exchange(offset_, 0) : 0;
      segments_[i] = std::string(text->substr(sent));
    }
  }
}

size_t Output::Gather(std::span<iovec> vectors) const {
  size_t used = 0;
  size_t room = kMostGatheredBytes;
  const auto goes_on = [&] {
    return used < vectors.size() && room > 0;
  };
  const auto add = [&](std::string_view bytes) {
    bytes = bytes.substr(0, room);
    room -= bytes.size();
    // iovec serves reading as well, hence its pointer to what is not const.
    vectors[used++] = {const_cast<char*>(bytes.data()), bytes.size()};
  };
  for (size_t i = front_; i < segments_.size() && goes_on(); ++i) {
    if (const auto* pin = std::get_if<core::Pin>(&segments_[i])) {
      core::ValuePieces rest = pin->pieces();
      while (!rest.empty() && goes_on()) {
        add(rest.TakeFront());
      }
    } else {
      add(Text(segments_[i]).substr(i == front_ ? offset_ : 0));
    }
  }
  return used;
}

void Output::Advance(size_t bytes) {
  for (; front_ < segments_.size(); ++front_) {
    Segment& segment = segments_[front_];
    const uint64_t rest_bytes = RestBytes(segment);
    if (bytes < rest_bytes) {
      Skip(segment, bytes);
      return;
    }
    bytes -= rest_bytes;
    offset_ = 0;
    segment = std::string_view();  // drops the pin, frees the text
  }
  QUARRY_CHECK(bytes == 0);
  Clear();
}

bool Output::HoldsPins() const {
  return std::any_of(segments_.begin(), segments_.end(), [](const Segment& segment) {
    return std::holds_alternative<core::Pin>(segment);
  });
}

size_t Output::HeapBytes() const {
  size_t bytes = segments_.capacity() * sizeof(Segment);
  for (const Segment& segment : segments_) {
    if (const auto* text = std::get_if<std::string>(&segment)) {
      bytes += text->capacity();
    }
  }
  return bytes;
}

void Output::Clear() {
  std::vector<Segment>().swap(segments_);  // clear would keep the memory
  front_ = 0;
  offset_ = 0;
}

uint64_t Output::RestBytes(const Segment& segment) const {
  const auto* pin = std::get_if<core::Pin>(&segment);
  return pin != nullptr ? pin->pieces().rest_bytes() : Text(segment).size() - offset_;
}

void Output::Skip(Segment& segment, uint64_t bytes) {
  if (auto* pin = std::get_if<core::Pin>(&segment)) {
    pin->RemovePrefix(bytes);
  } else {
    offset_ += static_cast<uint32_t>(bytes);
  }
}

std::string_view Output::Text(const Segment& segment) {
  if (const auto* text = std::get_if<std::string>(&segment)) {
    return *text;
  }
  return std::get<std::string_view>(segment);
}

}  // namespace quarry::net
