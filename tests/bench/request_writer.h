#pragma once

#include <cstdint>
#include <span>

#include "tests/bench/key_format.h"
#include "tests/bench/options.h"
#include "tests/bench/send_queue.h"
#include "tests/bench/value_content.h"
#include "tests/bench/value_sizes.h"

namespace quarry::bench {

/// Writes requests in the chosen dialect. Constant once made; shared by all connections.
class RequestWriter {
 public:
  explicit RequestWriter(const Options& options);

  /// One request for all the keys: a classic get; one mg, or quiet mg closed by mn; one GetK, or
  /// GetKQ closed by Noop.
  void WriteGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const;

  /// A store of the key's value; `nonce` makes its bytes differ from the last where values are
  /// sealed.
  void WriteSet(SendQueue& queue, uint64_t key_number, uint64_t nonce) const;

  const KeyFormat& keys() const { return keys_; }
  Dialect dialect() const { return dialect_; }

 private:
  void WriteClassicGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const;
  void WriteMetaGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const;
  void WriteBinaryGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const;
  void WriteTextSetHead(SendQueue& queue, uint64_t key_number, size_t value_bytes) const;
  void WriteBinarySetHead(SendQueue& queue, uint64_t key_number, size_t value_bytes) const;

  const Dialect dialect_;
  const bool sealed_;
  const uint32_t ttl_sec_;
  const KeyFormat keys_;
  const ValueSizes sizes_;
  const ValueContent content_;
};

}  // namespace quarry::bench
