#include "daemon/net/input.h"

#include <cstring>

namespace quarry::net {

void HeldInput::Keep(std::string_view bytes) {
  if (bytes.empty()) {
    bytes_.reset();
    size_ = 0;
    capacity_ = 0;
    return;
  }
  if (capacity_ < bytes.size()) {
    bytes_ = std::make_unique_for_overwrite<char[]>(bytes.size());
    capacity_ = static_cast<uint32_t>(bytes.size());
  }
  bytes.copy(bytes_.get(), bytes.size());
  size_ = static_cast<uint32_t>(bytes.size());
}

void ReadBuffer::MoveToFront() {
  const size_t held = end_ - begin_;
  std::memmove(bytes_.data(), bytes_.data() + begin_, held);
  begin_ = 0;
  end_ = held;
}

}  // namespace quarry::net
