#include "protocol/binary_parser.h"

#include <algorithm>

#include "core/base/numbers.h"
#include "protocol/big_endian.h"
#include "protocol/binary_command_table.h"

namespace quarry::protocol {
namespace {

/// The expiry with which incr and decr create nothing.
constexpr uint32_t kNoCreation = UINT32_MAX;

bool Suits(Presence presence, bool present) {
  return presence == Presence::kOptional || present == (presence == Presence::kAlways);
}

bool HasShapeOf(const BinaryCommand& command, const PacketHeader& header) {
  return Suits(command.extras, header.extras_bytes != 0) &&
         (header.extras_bytes == 0 || header.extras_bytes == command.extras_bytes) &&
         Suits(command.key, header.key_bytes != 0) && header.key_bytes <= kMaxKeyBytes &&
         Suits(command.value, header.value_bytes() != 0);
}

ParseResult Refuse(const PacketHeader& header, Error error, Request& request) {
  request = {.op = Op::kError,
             .dialect = Dialect::kBinary,
             .error = error,
             .opcode = header.opcode,
             .opaque = header.opaque};
  return {.status = ParseStatus::kRequest, .consumed = kPacketHeaderBytes};
}

ParseResult RefuseAndClose(const PacketHeader& header, Error error, Request& request) {
  ParseResult result = Refuse(header, error, request);
  result.close = true;
  return result;
}

/// True for a key that a line of text could not carry as it is.
bool IsRaw(std::string_view key) {
  return std::any_of(key.begin(), key.end(), [](char byte) {
    return byte == ' ' || byte == '\r' || byte == '\n' || byte == '\0';
  });
}

/// A CAS makes any of these conditional on it, and their other conditions void.
void TakeCas(const PacketHeader& header, Request& request) {
  request.cas = header.cas;
  request.compare_cas = header.cas != 0;
  const bool joins = request.mode == StoreMode::kAppend || request.mode == StoreMode::kPrepend;
  if (request.compare_cas && !joins) {
    request.mode = StoreMode::kSet;
  }
}

/// `extras` has the length that the request's command asks for.
void ReadExtras(std::string_view extras, const PacketHeader& header, Request& request) {
  switch (request.op) {
    case Op::kStore:
      TakeCas(header, request);
      if (!extras.empty()) {
        const SetExtras store = ReadSetExtras(extras.data());
        request.client_flags = store.client_flags;
        request.exptime = store.exptime;
      }
      return;
    case Op::kArithmetic: {
      TakeCas(header, request);
      request.delta = LoadBig<uint64_t>(extras.data());
      request.initial = LoadBig<uint64_t>(extras.data() + 8);
      const auto exptime = LoadBig<uint32_t>(extras.data() + 16);
      request.vivify = exptime != kNoCreation;
      request.vivify_exptime = exptime;
      return;
    }
    case Op::kDelete:
      TakeCas(header, request);
      return;
    case Op::kGet:
    case Op::kTouch:
    case Op::kFlushAll:
      if (!extras.empty()) {
        request.exptime = LoadBig<uint32_t>(extras.data());
      }
      return;
    default:
      return;
  }
}

/// Fills `request` from a packet whose header has the shape of `command`, and whose extras and key
/// are there.
void ReadRequest(std::string_view packet, const BinaryCommand& command, const PacketHeader& header,
                 Request& request) {
  request = command.prototype;
  request.dialect = Dialect::kBinary;
  request.opcode = header.opcode;
  request.opaque = header.opaque;
  request.value_bytes = header.value_bytes();
  const std::string_view key =
      packet.substr(kPacketHeaderBytes + header.extras_bytes, header.key_bytes);
  if (request.op == Op::kStats || request.op == Op::kSasl) {
    request.arguments = key;
  } else {
    request.key = key;
    request.raw_key = IsRaw(key);
  }
  ReadExtras(packet.substr(kPacketHeaderBytes, header.extras_bytes), header, request);
}

/// Ends a request with its value, which nothing is the simplest case of.
ParseResult TakeValue(std::string_view input, const PacketHeader& header, Request& request) {
  ParseResult result{.status = ParseStatus::kRequest, .consumed = header.head_bytes()};
  if (request.op == Op::kSasl && request.value_bytes > kMaxSaslTokenBytes) {
    result.swallow_bytes = request.value_bytes;
    return result;
  }
  const std::string_view behind = input.substr(result.consumed);
  if (behind.size() >= request.value_bytes) {
    request.value = behind.substr(0, request.value_bytes);
    result.consumed += request.value_bytes;
    return result;
  }
  return request.op == Op::kStore
             ? ParseResult{.status = ParseStatus::kNeedBody, .consumed = result.consumed}
             : ParseResult{.status = ParseStatus::kNeedMore};
}

}  // namespace

ParseResult ParseBinary(std::string_view input, Request& request) {
  if (input.size() < kPacketHeaderBytes) {
    return {.status = ParseStatus::kNeedMore};
  }
  const PacketHeader header = ReadPacketHeader(input.data());
  if (header.magic != kRequestMagic) {
    return {.status = ParseStatus::kClose};
  }
  if (!header.adds_up()) {
    return RefuseAndClose(header, Error::kUnknownCommand, request);
  }
  if (header.body_bytes > kMaxBodyBytes) {
    return RefuseAndClose(header, Error::kBadLine, request);
  }
  const BinaryCommand* command = FindBinaryCommand(header.opcode);
  if (command == nullptr) {
    ParseResult result = Refuse(header, Error::kUnknownCommand, request);
    result.swallow_bytes = header.body_bytes;
    return result;
  }
  if (!HasShapeOf(*command, header)) {
    return RefuseAndClose(header, Error::kBadLine, request);
  }
  if (input.size() < header.head_bytes()) {
    return {.status = ParseStatus::kNeedMore};
  }
  ReadRequest(input, *command, header, request);
  return TakeValue(input, header, request);
}

}  // namespace quarry::protocol
