#pragma once

#include <array>
#include <cstddef>

#include "core/base/check.h"
#include "core/engine.h"
#include "core/operations.h"
#include "daemon/command/request_key.h"
#include "protocol/request.h"

namespace quarry::command {

/// Requests that have been parsed and will be executed together, in order, so that the memory that
/// each will touch is on its way while the others are being hashed. Room is fixed; the requests'
/// views point into the input of the session at work.
class Batch {
 public:
  static constexpr size_t kMaxKeys = 32;
  /// As many again without a key, such as the ends of retrieval lines.
  static constexpr size_t kMaxRequests = 2 * kMaxKeys;

  void Clear() {
    size_ = 0;
    key_count_ = 0;
  }

  /// Where the next request is parsed into; it belongs to the batch only after Add.
  protocol::Request& next() { return requests_[size_]; }
  void Add() {
    QUARRY_DCHECK(!full());
    key_count_ += next().key.empty() ? 0U : 1U;
    ++size_;
  }

  bool full() const { return size_ == kMaxRequests || key_count_ == kMaxKeys; }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  const protocol::Request& request(size_t index) const { return requests_[index]; }
  /// Meaningful after Prepare, for a request with a key.
  const core::Key& key(size_t index) const { return keys_[index]; }

  /// Hashes all keys and, where there are several, prefetches what their requests will touch.
  void Prepare(const core::Engine& engine);

 private:
  std::array<protocol::Request, kMaxRequests> requests_;  // next() is never one past the end
  std::array<core::Key, kMaxRequests> keys_;
  std::array<KeyScratch, kMaxKeys> decoded_keys_{};
  size_t size_ = 0;
  size_t key_count_ = 0;
};

}  // namespace quarry::command
