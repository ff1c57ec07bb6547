#include "protocol/binary_status.h"

#include <array>

namespace quarry::protocol {
namespace {

struct Text {
  BinaryStatus status;
  std::string_view text;
};

constexpr std::array kTexts = {
    Text{BinaryStatus::kNotFound, "Not found"},
    Text{BinaryStatus::kExists, "Data exists for key."},
    Text{BinaryStatus::kTooLarge, "Too large."},
    Text{BinaryStatus::kInvalidArguments, "Invalid arguments"},
    Text{BinaryStatus::kNotStored, "Not stored."},
    Text{BinaryStatus::kNonNumeric, "Non-numeric server-side value for incr or decr"},
    Text{BinaryStatus::kAuthError, "Auth failure."},
    Text{BinaryStatus::kUnknownCommand, "Unknown command"},
    Text{BinaryStatus::kOutOfMemory, "Out of memory"},
};

BinaryStatus StatusOf(Error error) {
  switch (error) {
    case Error::kNone:
      return BinaryStatus::kOk;
    case Error::kUnknownCommand:
      return BinaryStatus::kUnknownCommand;
    case Error::kNonNumeric:
      return BinaryStatus::kNonNumeric;
    case Error::kTooLarge:
    case Error::kTooLargeForUdp:
      return BinaryStatus::kTooLarge;
    case Error::kFlushForbidden:
      return BinaryStatus::kAuthError;
    case Error::kOutOfMemoryStoring:
    case Error::kOutOfMemoryCreating:
    case Error::kOutOfMemory:
    case Error::kOutOfMemoryStats:
    case Error::kUploadTooSlow:
      return BinaryStatus::kOutOfMemory;
    default:
      return BinaryStatus::kInvalidArguments;
  }
}

/// What an error line says behind its first word.
std::string_view Explanation(Error error) {
  const std::string_view line = ErrorLine(error);
  const size_t begin = line.find(' ') + 1;
  return line.substr(begin, line.find('\r') - begin);
}

}  // namespace

std::string_view StatusText(BinaryStatus status) {
  for (const Text& row : kTexts) {
    if (row.status == status) {
      return row.text;
    }
  }
  return {};
}

BinaryError BinaryErrorOf(Error error) {
  const BinaryStatus status = StatusOf(error);
  return {status, error == Error::kUploadTooSlow ? Explanation(error) : StatusText(status)};
}

}  // namespace quarry::protocol
