#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <openssl/ssl.h>

#include "daemon/net/heap_budget.h"
#include "daemon/net/tls_socket.h"

namespace quarry::net {

/// Memory of a worker that its TLS connections use one after the other, while they write.
class TlsScratch {
 public:
  /// A record takes `write_buffer_bytes` of replies, if there are as many and it can. `budget` is
  /// what a batch that a socket does not take is charged to, and outlives this.
  TlsScratch(size_t write_buffer_bytes, const HeapBudget& budget)
      : budget_(budget),
        gathered_(std::min<size_t>(write_buffer_bytes, SSL3_RT_MAX_PLAIN_LENGTH)),
        batch_(kMaxBatchBytes) {}

  /// Where pieces become one record. No larger than that.
  std::span<char> gathered() { return gathered_; }

  /// Where records become one batch: one alone where memory is scarce, as a connection keeps what
  /// its socket does not take.
  std::span<char> batch() {
    return std::span(batch_).first(budget_.is_scarce() ? TlsSocket::kMaxRecordBytes
                                                       : kMaxBatchBytes);
  }

 private:
  /// Two full records. More gained nothing: what was encrypted first has left the nearest cache.
  static constexpr size_t kMaxBatchBytes = 2 * TlsSocket::kMaxRecordBytes;

  const HeapBudget& budget_;
  std::vector<char> gathered_;
  std::vector<char> batch_;
};

}  // namespace quarry::net
