#include "core/value_pieces.h"

#include <algorithm>

#include "core/base/check.h"

namespace quarry::core {

void ValuePieces::RemovePrefix(uint64_t bytes) {
  QUARRY_CHECK(bytes <= rest_bytes_);
  if (bytes == rest_bytes_) {
    rest_bytes_ = 0;
    return;
  }
  if (number_ < page_count_) {
    const uint64_t passed = std::min(offset_ + bytes, (page_count_ - number_) * kPageBytes);
    const auto passed_bytes = static_cast<uint32_t>(passed - offset_);
    number_ += static_cast<uint32_t>(passed / kPageBytes);
    offset_ = static_cast<uint32_t>(passed % kPageBytes);
    rest_bytes_ -= passed_bytes;
    bytes -= passed_bytes;
    SkipEmptyHead();
  }
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
