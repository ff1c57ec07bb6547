#include "daemon/net/input.h"

#include <cstring>

#include "core/base/check.h"

namespace quarry::net {

void HeldInput::Assign(std::string_view bytes) {
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

void ReadBuffer::Load(std::string_view input) {
  QUARRY_CHECK(input.size() <= kBytes);
  input.copy(bytes_.data(), input.size());
  begin_ = 0;
  end_ = input.size();
}

std::span<char> ReadBuffer::Room() {
  const size_t held = end_ - begin_;
  if (begin_ != 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, held);
    begin_ = 0;
    end_ = held;
  }
  return std::span(bytes_).subspan(end_);
}

void ReadBuffer::Fill(size_t count) {
  QUARRY_DCHECK(count <= kBytes - end_);
  end_ += count;
}

void ReadBuffer::Drop(size_t count) {
  QUARRY_CHECK(count <= end_ - begin_);
  begin_ += count;
}

}  // namespace quarry::net
