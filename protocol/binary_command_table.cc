#include "protocol/binary_command_table.h"

#include <array>
#include <cstddef>

#include "protocol/packet_header.h"

namespace quarry::protocol {
namespace {

constexpr size_t kOpcodeCount = static_cast<size_t>(Opcode::kGatKQ) + 1;

// Delta, initial value and expiry; expiry.
constexpr uint8_t kArithmeticExtrasBytes = 20;
constexpr uint8_t kExpiryBytes = 4;

constexpr BinaryCommand Retrieval(Opcode opcode, bool with_key) {
  return {.opcode = opcode,
          .key = Presence::kAlways,
          .prototype = {.op = Op::kGet, .want_value = true, .want_key = with_key}};
}

constexpr BinaryCommand RetrievalWithTouch(Opcode opcode, bool with_key) {
  BinaryCommand command = Retrieval(opcode, with_key);
  command.extras_bytes = kExpiryBytes;
  command.extras = Presence::kAlways;
  command.prototype.touch = true;
  return command;
}

constexpr BinaryCommand Storage(Opcode opcode, StoreMode mode) {
  return {.opcode = opcode,
          .extras_bytes = SetExtras::kBytes,
          .extras = Presence::kAlways,
          .key = Presence::kAlways,
          .value = Presence::kOptional,
          .prototype = {.op = Op::kStore, .mode = mode}};
}

constexpr BinaryCommand Joining(Opcode opcode, StoreMode mode) {
  return {.opcode = opcode,
          .key = Presence::kAlways,
          .value = Presence::kOptional,
          .prototype = {.op = Op::kStore, .mode = mode}};
}

constexpr BinaryCommand Counting(Opcode opcode, bool decrement) {
  return {
      .opcode = opcode,
      .extras_bytes = kArithmeticExtrasBytes,
      .extras = Presence::kAlways,
      .key = Presence::kAlways,
      .prototype = {.op = Op::kArithmetic, .want_value = true, .decrement = decrement},
  };
}

constexpr BinaryCommand Deletion(Opcode opcode) {
  return {.opcode = opcode, .key = Presence::kAlways, .prototype = {.op = Op::kDelete}};
}

constexpr BinaryCommand Flush(Opcode opcode) {
  return {.opcode = opcode,
          .extras_bytes = kExpiryBytes,
          .extras = Presence::kOptional,
          .prototype = {.op = Op::kFlushAll}};
}

constexpr BinaryCommand Bare(Opcode opcode, Op op) {
  return {.opcode = opcode, .prototype = {.op = op}};
}

constexpr BinaryCommand Sasl(Opcode opcode) {
  return {.opcode = opcode,
          .key = Presence::kAlways,
          .value = Presence::kOptional,
          .prototype = {.op = Op::kSasl}};
}

constexpr BinaryCommand Quiet(BinaryCommand command) {
  command.prototype.quiet = true;
  return command;
}

constexpr std::array kCommands = {
    Retrieval(Opcode::kGet, /*with_key=*/false),
    Quiet(Retrieval(Opcode::kGetQ, /*with_key=*/false)),
    Retrieval(Opcode::kGetK, /*with_key=*/true),
    Quiet(Retrieval(Opcode::kGetKQ, /*with_key=*/true)),
    RetrievalWithTouch(Opcode::kGat, /*with_key=*/false),
    Quiet(RetrievalWithTouch(Opcode::kGatQ, /*with_key=*/false)),
    RetrievalWithTouch(Opcode::kGatK, /*with_key=*/true),
    Quiet(RetrievalWithTouch(Opcode::kGatKQ, /*with_key=*/true)),
    BinaryCommand{.opcode = Opcode::kTouch,
                  .extras_bytes = kExpiryBytes,
                  .extras = Presence::kAlways,
                  .key = Presence::kAlways,
                  .prototype = {.op = Op::kTouch, .touch = true}},
    Storage(Opcode::kSet, StoreMode::kSet),
    Quiet(Storage(Opcode::kSetQ, StoreMode::kSet)),
    Storage(Opcode::kAdd, StoreMode::kAdd),
    Quiet(Storage(Opcode::kAddQ, StoreMode::kAdd)),
    Storage(Opcode::kReplace, StoreMode::kReplace),
    Quiet(Storage(Opcode::kReplaceQ, StoreMode::kReplace)),
    Joining(Opcode::kAppend, StoreMode::kAppend),
    Quiet(Joining(Opcode::kAppendQ, StoreMode::kAppend)),
    Joining(Opcode::kPrepend, StoreMode::kPrepend),
    Quiet(Joining(Opcode::kPrependQ, StoreMode::kPrepend)),
    Deletion(Opcode::kDelete),
    Quiet(Deletion(Opcode::kDeleteQ)),
    Counting(Opcode::kIncrement, /*decrement=*/false),
    Quiet(Counting(Opcode::kIncrementQ, /*decrement=*/false)),
    Counting(Opcode::kDecrement, /*decrement=*/true),
    Quiet(Counting(Opcode::kDecrementQ, /*decrement=*/true)),
    Flush(Opcode::kFlush),
    Quiet(Flush(Opcode::kFlushQ)),
    Bare(Opcode::kNoop, Op::kNoop),
    Bare(Opcode::kVersion, Op::kVersion),
    Bare(Opcode::kQuit, Op::kQuit),
    Quiet(Bare(Opcode::kQuitQ, Op::kQuit)),
    BinaryCommand{
        .opcode = Opcode::kStat, .key = Presence::kOptional, .prototype = {.op = Op::kStats}},
    Bare(Opcode::kSaslMechanisms, Op::kSasl),
    Sasl(Opcode::kSaslAuth),
    Sasl(Opcode::kSaslStep),
};

/// The commands by their opcodes; nullptr where there is none.
constexpr std::array<const BinaryCommand*, kOpcodeCount> ByOpcode() {
  std::array<const BinaryCommand*, kOpcodeCount> by_opcode = {};
  for (const BinaryCommand& command : kCommands) {
    by_opcode[static_cast<size_t>(command.opcode)] = &command;
  }
  return by_opcode;
}
constexpr std::array kByOpcode = ByOpcode();

}  // namespace

const BinaryCommand* FindBinaryCommand(uint8_t opcode) {
  return opcode < kByOpcode.size() ? kByOpcode[opcode] : nullptr;
}

}  // namespace quarry::protocol
