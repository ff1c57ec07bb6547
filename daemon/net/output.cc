#include "daemon/net/output.h"

#include <algorithm>
#include <utility>

namespace quarry::net {

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
  size_t part = part_;
  size_t offset = offset_;
  for (size_t i = front_; i < segments_.size() && used < vectors.size(); ++i) {
    const size_t part_count = PartCount(segments_[i]);
    for (; part < part_count && used < vectors.size(); ++part) {
      const std::string_view bytes = Part(segments_[i], part).substr(offset);
      offset = 0;
      // iovec serves reading as well, hence its pointer to what is not const.
      vectors[used++] = {const_cast<char*>(bytes.data()), bytes.size()};
    }
    part = 0;
  }
  return used;
}

void Output::Advance(size_t bytes) {
  offset_ += bytes;
  while (front_ < segments_.size()) {
    Segment& segment = segments_[front_];
    const size_t part_count = PartCount(segment);
    for (; part_ < part_count; ++part_) {
      const size_t part_bytes = Part(segment, part_).size();
      if (offset_ < part_bytes) {
        return;
      }
      offset_ -= part_bytes;
    }
    segment = std::string_view();  // drops the pin, frees the text
    part_ = 0;
    ++front_;
  }
  QUARRY_CHECK(offset_ == 0);
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
  part_ = 0;
  offset_ = 0;
}

size_t Output::PartCount(const Segment& segment) {
  const auto* pin = std::get_if<core::Pin>(&segment);
  return pin == nullptr ? 1 : pin->segment_count();
}

std::string_view Output::Part(const Segment& segment, size_t part_index) {
  if (const auto* pin = std::get_if<core::Pin>(&segment)) {
    return pin->segment(part_index);
  }
  if (const auto* text = std::get_if<std::string>(&segment)) {
    return *text;
  }
  return *std::get_if<std::string_view>(&segment);
}

}  // namespace quarry::net
