// Feeds the binary parser any bytes, at once and in pieces, and compares what it makes of them.
// What it promises of any single call is checked by Conversation.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/check.h"
#include "tests/unit/protocol/conversation.h"

/// The first byte says how long the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quarry::protocol::Parse;
  using quarry::protocol::WireForm;
  if (size == 0) {
    return 0;
  }
  const std::string bytes(data + 1, data + size);
  QUARRY_CHECK(Parse(bytes, SIZE_MAX, WireForm::kBinary) ==
               Parse(bytes, size_t{1} + data[0], WireForm::kBinary));
  return 0;
}
