#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <absl/functional/function_ref.h>

namespace quarry::command {

/// What is known of an event besides its line.
struct EventHeader {
  uint32_t event_class = 0;  ///< an EventClass
  uint32_t line_bytes = 0;
  uint64_t number = 0;  ///< of all events since the start
};

/// Lines of events on their way from those to whom they happen to the one thread that collects
/// them. Writing never blocks: where there is no room, or another thread writes at the moment, the
/// line is dropped and counted.
///
///     bytes_  | header | line | header | line |    free    |
///             ^ read_bytes_ (mod. size)       ^ written_bytes_ (mod. size)
///
/// The system gives memory as lines first come to it.
class EventRing {
 public:
  static constexpr size_t kMaxLineBytes = 1280;

  explicit EventRing(size_t bytes)
      : size_(bytes), bytes_(std::make_unique_for_overwrite<char[]>(bytes)) {}

  /// Any thread, also under other locks. `line` has at most kMaxLineBytes.
  void Write(uint32_t event_class, uint64_t number, std::string_view line);

  /// Takes out all that there is, in the order of writing. One thread at a time.
  void Drain(absl::FunctionRef<void(const EventHeader&, std::string_view line)> visit);

  /// Since the start.
  uint64_t written_lines() const { return written_lines_.load(std::memory_order_relaxed); }
  uint64_t dropped_lines() const { return dropped_lines_.load(std::memory_order_relaxed); }

 private:
  bool TryWrite(const EventHeader& header, std::string_view line);
  void CopyIn(uint64_t at, const char* from, size_t bytes);
  void CopyOut(uint64_t at, char* to, size_t bytes) const;

  const size_t size_;
  const std::unique_ptr<char[]> bytes_;  // of the writer until written_bytes_ tells of them
  std::atomic<bool> is_writing_{false};
  // Both only grow. A release of the one hands over the bytes that the other side acquires.
  std::atomic<uint64_t> written_bytes_{0};
  std::atomic<uint64_t> read_bytes_{0};
  std::atomic<uint64_t> written_lines_{0};
  std::atomic<uint64_t> dropped_lines_{0};
};

}  // namespace quarry::command
