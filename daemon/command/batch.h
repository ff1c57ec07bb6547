#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/engine.h"
#include "core/operations.h"
#include "daemon/command/request_key.h"
#include "protocol/plain_request.h"
#include "protocol/request.h"

namespace quarry::command {

/// Requests that have been parsed and will be executed together, in order, so that the memory that
/// each will touch is on its way while the others are being hashed. Room is fixed; the requests'
/// views point into the input of the session at work, or of several whose turns are one round.
class Batch {
 public:
  /// The requests from number `begin` on, up to `end`.
  struct Range {
    size_t begin = 0;
    size_t end = 0;
    size_t size() const { return end - begin; }
    bool empty() const { return begin == end; }
  };

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
    next_plain().kind = protocol::PlainRequest::Kind::kNone;
    if (next().key.empty()) {
      keys_[size_++] = {};
    } else {
      AddKey(KeyOf(engine_, next(), decoded_keys_[key_count_]));
    }
  }
  /// Where the next plain request is parsed into; it belongs to the batch only after AddPlain.
  protocol::PlainRequest& next_plain() { return plain_[size_]; }
  /// Adds it. It becomes a whole request only if somebody asks for that.
  void AddPlain() {
    QUARRY_DCHECK(!full());
    AddKey(engine_.MakeKey(next_plain().key));
  }

  /// How much is in it; BackTo takes out what was added since.
  struct Mark {
    size_t size = 0;
    size_t key_count = 0;
  };
  Mark mark() const { return {size_, key_count_}; }
  void BackTo(Mark mark) {
    QUARRY_DCHECK(mark.size <= size_);
    size_ = mark.size;
    key_count_ = mark.key_count;
  }

  bool full() const { return size_ == kMaxRequests || key_count_ == kMaxKeys; }
  bool empty() const { return size_ == 0; }
  Range all() const { return {0, size_}; }
  size_t size() const { return size_; }
  const protocol::Request& request(size_t index) {
    if (IsPlain(index)) {
      requests_[index] = protocol::FullRequest(plain_[index]);
    }
    return requests_[index];
  }
  /// True for what was added by AddPlain, and what that was.
  bool IsPlain(size_t index) const {
    return plain(index).kind != protocol::PlainRequest::Kind::kNone;
  }
  const protocol::PlainRequest& plain(size_t index) const { return plain_[index]; }
  /// Of a request that has one.
  const core::Key& key(size_t index) const { return keys_[index]; }

  /// Where there are several keys, has their items brought into the cache.
  void PrefetchItems() {
    if (key_count_ > 1) {
      PrefetchAll();
    }
  }

 private:
  void PrefetchAll();
  void AddKey(const core::Key& key) {
    core::Key& added = keys_[size_++];
    added = key;
    engine_.PrefetchBucket(added);
    ++key_count_;
  }

  const core::Engine& engine_;
  std::array<protocol::PlainRequest, kMaxRequests> plain_;
  std::array<protocol::Request, kMaxRequests> requests_;  // next() is never one past the end
  std::array<core::Key, kMaxRequests> keys_;
  std::array<KeyScratch, kMaxKeys> decoded_keys_{};
  size_t size_ = 0;
  size_t key_count_ = 0;
};

}  // namespace quarry::command
