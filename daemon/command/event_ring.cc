#include "daemon/command/event_ring.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/check.h"

namespace quarry::command {

void EventRing::Write(uint32_t event_class, uint64_t number, std::string_view line) {
  QUARRY_CHECK(line.size() <= kMaxLineBytes);
  bool is_written = false;
  // Acquire and release hand the ring from one writer to the next.
  if (!is_writing_.exchange(true, std::memory_order_acquire)) {
    is_written = TryWrite({event_class, static_cast<uint32_t>(line.size()), number}, line);
    is_writing_.store(false, std::memory_order_release);
  }
  (is_written ? written_lines_ : dropped_lines_).fetch_add(1, std::memory_order_relaxed);
}

bool EventRing::TryWrite(const EventHeader& header, std::string_view line) {
  const uint64_t begin = written_bytes_.load(std::memory_order_relaxed);
  const uint64_t used = begin - read_bytes_.load(std::memory_order_acquire);
  const size_t needed = sizeof(header) + line.size();
  if (needed > size_ - used) {
    return false;
  }
  CopyIn(begin, reinterpret_cast<const char*>(&header), sizeof(header));
  CopyIn(begin + sizeof(header), line.data(), line.size());
  written_bytes_.store(begin + needed, std::memory_order_release);
  return true;
}

void EventRing::Drain(absl::FunctionRef<void(const EventHeader&, std::string_view line)> visit) {
  uint64_t at = read_bytes_.load(std::memory_order_relaxed);
  const uint64_t end = written_bytes_.load(std::memory_order_acquire);
  while (at != end) {
    EventHeader header;
    std::array<char, kMaxLineBytes> line{};
    CopyOut(at, reinterpret_cast<char*>(&header), sizeof(header));
    CopyOut(at + sizeof(header), line.data(), header.line_bytes);
    at += sizeof(header) + header.line_bytes;
    read_bytes_.store(at, std::memory_order_release);
    visit(header, {line.data(), header.line_bytes});
  }
}

void EventRing::CopyIn(uint64_t at, const char* from, size_t bytes) {
  const size_t begin = at % size_;
  const size_t first = std::min(bytes, size_ - begin);
  std::memcpy(bytes_.get() + begin, from, first);
  std::memcpy(bytes_.get(), from + first, bytes - first);
}

void EventRing::CopyOut(uint64_t at, char* to, size_t bytes) const {
  const size_t begin = at % size_;
  const size_t first = std::min(bytes, size_ - begin);
  std::memcpy(to, bytes_.get() + begin, first);
  std::memcpy(to + first, bytes_.get(), bytes - first);
}

}  // namespace quarry::command
