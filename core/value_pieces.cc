#include "core/value_pieces.h"

#include <algorithm>

#include "core/base/check.h"

namespace quarry::core {

void ValuePieces::RemovePrefix(uint64_t bytes) {
  QUARRY_CHECK(bytes <= rest_bytes_);
  rest_bytes_ -= static_cast<uint32_t>(bytes);
  if (rest_bytes_ == 0) {
    return;
  }
  bytes += offset_;  // from the beginning of the piece
  if (number_ < page_count_) {
    const uint64_t passed_count = std::min<uint64_t>(bytes / kPageBytes, page_count_ - number_);
    bytes -= passed_count * kPageBytes;
    Pass(static_cast<uint32_t>(passed_count));
  }
  while (number_ >= page_count_) {
    const Piece whole = ChunksSideBySide();
    if (bytes < whole.bytes) {
      break;
    }
    bytes -= whole.bytes;
    Pass(whole.count);
  }
  offset_ = static_cast<uint32_t>(bytes);
}

}  // namespace quarry::core
