#pragma once

#include <cstdint>

#include "protocol/request.h"

namespace quarry::protocol {

/// The opcodes of the binary protocol; a Q at the end of a name is for quiet, a K for the key in
/// the reply.
enum class Opcode : uint8_t {
  kGet = 0x00,
  kSet = 0x01,
  kAdd = 0x02,
  kReplace = 0x03,
  kDelete = 0x04,
  kIncrement = 0x05,
  kDecrement = 0x06,
  kQuit = 0x07,
  kFlush = 0x08,
  kGetQ = 0x09,
  kNoop = 0x0a,
  kVersion = 0x0b,
  kGetK = 0x0c,
  kGetKQ = 0x0d,
  kAppend = 0x0e,
  kPrepend = 0x0f,
  kStat = 0x10,
  kSetQ = 0x11,
  kAddQ = 0x12,
  kReplaceQ = 0x13,
  kDeleteQ = 0x14,
  kIncrementQ = 0x15,
  kDecrementQ = 0x16,
  kQuitQ = 0x17,
  kFlushQ = 0x18,
  kAppendQ = 0x19,
  kPrependQ = 0x1a,
  kTouch = 0x1c,
  kGat = 0x1d,
  kGatQ = 0x1e,
  kSaslMechanisms = 0x20,
  kSaslAuth = 0x21,
  kSaslStep = 0x22,
  kGatK = 0x23,
  kGatKQ = 0x24,
};

/// Whether a request has a part.
enum class Presence : uint8_t {
  kNever,
  kOptional,
  kAlways
};

/// One command of the binary protocol: the shape of its requests, and what they ask for.
struct BinaryCommand {
  Opcode opcode = Opcode::kGet;
  uint8_t extras_bytes = 0;
  Presence extras = Presence::kNever;
  Presence key = Presence::kNever;
  Presence value = Presence::kNever;
  Request prototype = {};
};

/// The command of `opcode`; nullptr when there is none.
const BinaryCommand* FindBinaryCommand(uint8_t opcode);

}  // namespace quarry::protocol
