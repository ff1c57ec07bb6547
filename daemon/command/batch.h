#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

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
    classic_gets_ = want_cas_ = ends_line_ = 0;
  }

  /// Where the next request is parsed into; it belongs to the batch only after Add.
  protocol::Request& next() { return requests_[size_]; }
  /// Hashes its key, and has the bucket of that brought into the cache meanwhile.
  void Add() {
    QUARRY_DCHECK(!full());
    if (next().key.empty()) {
      keys_[size_++] = {};
    } else {
      AddKey(KeyOf(engine_, next(), decoded_keys_[key_count_]));
    }
  }
  /// The same for one whose key is as it was sent.
  void AddPlain() {
    QUARRY_DCHECK(!full());
    AddKey(engine_.MakeKey(next().key));
  }
  /// Adds a retrieval as classic text has it: it is no more than its key and how it is answered
  /// until somebody asks for the request.
  void AddClassicGet(std::string_view key, bool want_cas, bool ends_line) {
    QUARRY_DCHECK(!full());
    classic_gets_ |= uint64_t{1} << size_;
    want_cas_ |= uint64_t{want_cas} << size_;
    ends_line_ |= uint64_t{ends_line} << size_;
    AddKey(engine_.MakeKey(key));
  }

  bool full() const { return size_ == kMaxRequests || key_count_ == kMaxKeys; }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  const protocol::Request& request(size_t index) {
    if (IsClassicGet(index)) {
      requests_[index] = {.op = protocol::Op::kGet,
                          .want_value = true,
                          .want_cas = WantsCas(index),
                          .ends_line = EndsLine(index),
                          .key = keys_[index].bytes};
    }
    return requests_[index];
  }
  /// True for what was added by AddClassicGet; what it was told.
  bool IsClassicGet(size_t index) const {
    return index < size_ && (classic_gets_ >> index & 1) != 0;
  }
  bool WantsCas(size_t index) const { return (want_cas_ >> index & 1) != 0; }
  bool EndsLine(size_t index) const { return (ends_line_ >> index & 1) != 0; }
  /// Of a request that has one.
  const core::Key& key(size_t index) const { return keys_[index]; }

  /// Where there are several keys, has their items brought into the cache.
  void PrefetchItems();

 private:
  void AddKey(const core::Key& key) {
    engine_.PrefetchBucket(key);
    keys_[size_++] = key;
    ++key_count_;
  }

  const core::Engine& engine_;
  // A bit for each request.
  uint64_t classic_gets_ = 0;
  uint64_t want_cas_ = 0;
  uint64_t ends_line_ = 0;
  static_assert(kMaxRequests <= 64);
  std::array<protocol::Request, kMaxRequests> requests_;  // next() is never one past the end
  std::array<core::Key, kMaxRequests> keys_;
  std::array<KeyScratch, kMaxKeys> decoded_keys_{};
  size_t size_ = 0;
  size_t key_count_ = 0;
};

}  // namespace quarry::command
