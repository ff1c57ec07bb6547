#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/error.h"

namespace quarry::protocol {

/// The outcome in the header of a binary reply. The numbers are the wire's.
enum class BinaryStatus : uint16_t {
  kOk = 0x00,
  kNotFound = 0x01,
  kExists = 0x02,
  kTooLarge = 0x03,
  kInvalidArguments = 0x04,
  kNotStored = 0x05,
  kNonNumeric = 0x06,
  kAuthError = 0x20,
  kAuthContinue = 0x21,
  kUnknownCommand = 0x81,
  kOutOfMemory = 0x82,
};

/// The body of a reply that tells `status` and nothing else; empty for kOk and kAuthContinue.
std::string_view StatusText(BinaryStatus status);

/// An error as a binary reply tells it.
struct BinaryError {
  BinaryStatus status = BinaryStatus::kOk;
  std::string_view text = {};
};

/// What `error` is in the binary protocol. An error of a command that text alone has reads as
/// kInvalidArguments.
BinaryError BinaryErrorOf(Error error);

}  // namespace quarry::protocol
