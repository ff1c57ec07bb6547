#include "tests/bench/binary_reply_parser.h"

#include <algorithm>

#include "tests/bench/binary_packet.h"

namespace quarry::bench {
namespace {

/// The longest body of an answer that is no hit.
constexpr size_t kMaxBodyBytes = 4096;

template <typename Number>
Number Field(std::string_view header, size_t offset) {
  return binary::ReadBigEndian<Number>(header.substr(offset));
}

}  // namespace

Reply BinaryReplyParser::Next(std::string_view* input) {
  if (in_value_) {
    if (value_left_ == 0) {
      in_value_ = false;
      return {ReplyKind::kValueEnd, {}, 0};
    }
    if (input->empty()) {
      return {};
    }
    const std::string_view bytes = input->substr(0, std::min<uint64_t>(value_left_, input->size()));
    value_left_ -= bytes.size();
    input->remove_prefix(bytes.size());
    return {ReplyKind::kValueBytes, bytes, 0};
  }
  if (front_used_) {
    front_.clear();
    front_used_ = false;
  }
  if (!HasFront(input)) {
    return {};
  }
  front_used_ = true;
  return Classify();
}

/// Moves bytes from *input to front_ until it is complete or the input is used up.
bool BinaryReplyParser::HasFront(std::string_view* input) {
  while (front_.size() < FrontBytes()) {
    if (input->empty()) {
      return false;
    }
    const std::string_view part = input->substr(0, FrontBytes() - front_.size());
    front_.append(part);
    input->remove_prefix(part.size());
  }
  return true;
}

size_t BinaryReplyParser::FrontBytes() const {
  if (front_.size() < binary::kHeaderBytes) {
    return binary::kHeaderBytes;
  }
  const size_t body_bytes = Field<uint32_t>(front_, binary::kBodyBytesAt);
  const size_t before_value = Field<uint8_t>(front_, binary::kExtrasBytesAt) +
                              size_t{Field<uint16_t>(front_, binary::kKeyBytesAt)};
  return binary::kHeaderBytes +
         (IsHit() ? std::min(before_value, body_bytes) : std::min(body_bytes, kMaxBodyBytes));
}

bool BinaryReplyParser::IsHit() const {
  const auto opcode = static_cast<binary::Opcode>(front_[1]);
  return (opcode == binary::Opcode::kGetK || opcode == binary::Opcode::kGetKQ) &&
         Field<uint16_t>(front_, binary::kStatusAt) == 0;
}

Reply BinaryReplyParser::Classify() {
  if (front_[0] != binary::kReplyMagic) {
    return {ReplyKind::kUnknownLine, "no reply packet", 0};
  }
  if (IsHit()) {
    return BeginValue();
  }
  switch (static_cast<binary::Status>(Field<uint16_t>(front_, binary::kStatusAt))) {
    case binary::Status::kSuccess:
      break;
    case binary::Status::kNotFound:
      return {static_cast<binary::Opcode>(front_[1]) == binary::Opcode::kSet ? ReplyKind::kNotStored
                                                                             : ReplyKind::kMiss,
              {},
              0};
    case binary::Status::kExists:
    case binary::Status::kNotStored:
      return {ReplyKind::kNotStored, {}, 0};
    default:
      return {ReplyKind::kErrorLine, std::string_view(front_).substr(binary::kHeaderBytes), 0};
  }
  switch (static_cast<binary::Opcode>(front_[1])) {
    case binary::Opcode::kSet:
      return {ReplyKind::kStored, {}, 0};
    case binary::Opcode::kNoop:
      return {ReplyKind::kNoop, {}, 0};
    default:
      return {ReplyKind::kUnknownLine, "reply to another command", 0};
  }
}

Reply BinaryReplyParser::BeginValue() {
  const size_t body_bytes = Field<uint32_t>(front_, binary::kBodyBytesAt);
  const size_t extras_bytes = Field<uint8_t>(front_, binary::kExtrasBytesAt);
  const size_t key_bytes = Field<uint16_t>(front_, binary::kKeyBytesAt);
  if (extras_bytes + key_bytes > body_bytes) {
    return {ReplyKind::kUnknownLine, "packet shorter than its parts", 0};
  }
  value_left_ = body_bytes - extras_bytes - key_bytes;
  in_value_ = true;
  const std::string_view key =
      std::string_view(front_).substr(binary::kHeaderBytes + extras_bytes, key_bytes);
  return {ReplyKind::kValueHead, key, value_left_};
}

}  // namespace quarry::bench
