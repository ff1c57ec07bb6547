#pragma once

#include <cstdint>
#include <utility>

#include "core/value_pieces.h"

namespace quarry::core {

class Engine;

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
    std::swap(pieces_, other.pieces_);
    return *this;
  }
  ~Pin() {
    if (engine_ != nullptr) {
      Drop();
    }
  }

  explicit operator bool() const { return engine_ != nullptr; }

  /// The value, in place; what of it is still to be read, once RemovePrefix was called. No lock.
  const ValuePieces& pieces() const { return pieces_; }
  /// Goes on by so many bytes; at most what is left.
  void RemovePrefix(uint64_t bytes) { pieces_.RemovePrefix(bytes); }

 private:
  void Drop();

  Engine* engine_ = nullptr;
  uint32_t shard_ = 0;
  uint32_t handle_ = 0;
  // Found once, under the lock: what is before it in the head goes on changing.
  ValuePieces pieces_;
};

}  // namespace quarry::core
