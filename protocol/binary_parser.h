#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/packet_header.h"
#include "protocol/request.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

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
