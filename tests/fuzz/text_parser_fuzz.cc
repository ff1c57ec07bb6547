// Feeds the text parser any bytes, at once and in pieces, and compares what it makes of them. What
// it promises of any single call is checked by Conversation.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "tests/unit/protocol/conversation.h"

namespace quarry::protocol {
namespace {

/// Two ways of arrival may differ in one thing: a long line, or a store of unknown length, closes
/// the connection or does not, depending on what had arrived with it. All before that is equal.
void CheckSame(std::vector<std::string> one, std::vector<std::string> other) {
  bool closed = false;
  for (std::vector<std::string>* requests : {&one, &other}) {
    if (!requests->empty() && requests->back() == "closed") {
      requests->pop_back();
      closed = true;
    }
  }
  const size_t common = std::min(one.size(), other.size());
  QUARRY_CHECK(closed || one.size() == other.size());
  QUARRY_CHECK(
      std::equal(one.begin(), one.begin() + static_cast<ptrdiff_t>(common), other.begin()));
}

}  // namespace
}  // namespace quarry::protocol

/// The first byte says how long the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string bytes(data + 1, data + size);
  quarry::protocol::CheckSame(quarry::protocol::Parse(bytes),
                              quarry::protocol::Parse(bytes, size_t{1} + data[0]));
  return 0;
}
