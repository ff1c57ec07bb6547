#include "core/value_pieces.h"

#include "core/base/check.h"

namespace quarry::core {

void ValuePieces::RemovePrefix(uint64_t bytes) {
  QUARRY_CHECK(bytes <= rest_bytes_);
  while (bytes > 0) {
    const auto front_bytes = static_cast<uint32_t>(front().size());
    if (bytes < front_bytes) {
      offset_ += static_cast<uint32_t>(bytes);
      rest_bytes_ -= static_cast<uint32_t>(bytes);
      return;
    }
    bytes -= front_bytes;
    Pass(front_bytes);
  }
}

}  // namespace quarry::core
