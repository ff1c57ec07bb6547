#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace quarry::core {

class Engine;
struct LargeValue;

/// Keeps the bytes of one large item in place, unchanged, while they are being sent, also when the
/// item is replaced, deleted or evicted meanwhile. Movable; dropping it takes the shard's lock, so
/// never drop one inside a visitor. Any one thread at a time.
class Pin {
 public:
  Pin() = default;
  /// Takes over a pin that the shard has counted. The shard's lock is held.
  Pin(Engine* engine, uint32_t shard, uint32_t handle);
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  Pin(Pin&& other) noexcept { *this = std::move(other); }
  Pin& operator=(Pin&& other) noexcept {
    std::swap(engine_, other.engine_);
    std::swap(shard_, other.shard_);
    std::swap(handle_, other.handle_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Pin() {
    if (engine_ != nullptr) {
      Drop();
    }
  }

  explicit operator bool() const { return engine_ != nullptr; }

  /// The value is the concatenation of segment(0) to segment(segment_count() - 1), in place. No
  /// lock.
  size_t segment_count() const;
  std::string_view segment(size_t index) const;
  uint64_t value_bytes() const;

 private:
  void Drop();

  Engine* engine_ = nullptr;
  uint32_t shard_ = 0;
  uint32_t handle_ = 0;
  // Found once, under the lock: the header before it goes on changing.
  const LargeValue* value_ = nullptr;
};

}  // namespace quarry::core
