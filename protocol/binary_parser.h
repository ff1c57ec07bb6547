#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/request.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

// The first byte of a packet.
inline constexpr uint8_t kRequestMagic = 0x80;
inline constexpr uint8_t kReplyMagic = 0x81;

/// A packet is this header, then its body: extras, key and value, in this order.
///
///      0        1        2           4        5        6        8       12       16      24
///     | magic  | opcode | key bytes | extras | unused | status |  body | opaque |  CAS  |
///                                     bytes                      bytes
inline constexpr size_t kPacketHeaderBytes = 24;

/// A packet whose body is larger is refused without waiting for it.
inline constexpr uint32_t kMaxBodyBytes = uint32_t{1} << 30;

/// The longest token of an authentication that is taken.
inline constexpr size_t kMaxSaslTokenBytes = 8192;

/// Parses the first request packet of `input` into `request`, and keeps the contract of ParseText:
/// pure, no allocation, views into `input`. It needs no state between two calls.
///
/// A store whose value is there is one kRequest, else kNeedBody; nothing stands behind the value. A
/// kSasl whose token is too long is a kRequest without it: the token is to be swallowed. An unknown
/// opcode and a packet that lacks the shape of its opcode are a kRequest too, its `op` kError; the
/// former is swallowed to its end, the latter is the last of the connection, as nobody knows what
/// the client meant to send. A packet that does not begin with kRequestMagic is kClose.
ParseResult ParseBinary(std::string_view input, Request& request);

}  // namespace quarry::protocol
