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

  explicit Batch(const core::Engine& engine) : engine_(engine) {}

  void Clear() {
    size_ = 0;
    key_count_ = 0;
  }

  /// Where the next request is parsed into; it belongs to the batch only after Add.
  protocol::Request& next() { return requests_[size_]; }
  /// Hashes its key, and has the bucket of that brought into the cache meanwhile.
  void Add() {
    QUARRY_DCHECK(!full());
    if (next().key.empty()) {
      ++size_;
    } else {
      AddKey(KeyOf(engine_, next(), decoded_keys_[key_count_]));
    }
  }
  /// The same for one whose key is as it was sent.
  void AddPlain() {
    QUARRY_DCHECK(!full());
    AddKey(engine_.MakeKey(next().key));
  }

  bool full() const { return size_ == kMaxRequests || key_count_ == kMaxKeys; }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  const protocol::Request& request(size_t index) const { return requests_[index]; }
  /// Of a request that has one.
  const core::Key& key(size_t index) const { return keys_[index]; }

  /// Where there are several keys, has their items brought into the cache.
  void PrefetchItems() const;

 private:
  void AddKey(const core::Key& key) {
    engine_.PrefetchBucket(key);
    keys_[size_++] = key;
    ++key_count_;
  }

  const core::Engine& engine_;
  std::array<protocol::Request, kMaxRequests> requests_;  // next() is never one past the end
  std::array<core::Key, kMaxRequests> keys_;
  std::array<KeyScratch, kMaxKeys> decoded_keys_{};
  size_t size_ = 0;
  size_t key_count_ = 0;
};

}  // namespace quarry::command
