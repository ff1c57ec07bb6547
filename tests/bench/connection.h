#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/bench/binary_reply_parser.h"
#include "tests/bench/counters.h"
#include "tests/bench/key_pattern.h"
#include "tests/bench/random.h"
#include "tests/bench/reply_parser.h"
#include "tests/bench/request_writer.h"
#include "tests/bench/send_queue.h"
#include "tests/bench/tls_client.h"
#include "tests/bench/value_content.h"

namespace quarry::bench {

/// What the connections of one run share. All of it is used by one thread only.
struct Traffic {
  const RequestWriter& writer;
  KeyPattern& pattern;
  Counters& counters;
  ErrorCounts& errors;
  std::span<char> read_buffer;

  uint32_t get_share = 0;
  uint32_t set_share = 0;
  size_t keys_per_get = 1;
  bool verify = false;
};

/// One client connection. It sends a burst of requests at once, takes the replies in order, and is
/// idle again after the last; bursts rather than a sliding window, so that a server that answers
/// in many small packets does not change what it is asked next.
class Connection {
 public:
  enum class State {
    kIdle,    // no request is open
    kBusy,    // replies are owed
    kClosed,  // the peer went away or talked nonsense; counted as an error
  };

  /// Owns the descriptor of a connected, non-blocking socket, and what it speaks over it where
  /// that is TLS.
  Connection(int fd, std::unique_ptr<TlsStream> tls, uint64_t seed, Traffic* traffic);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends `request_count` requests. Their latency counts from `start_ns`, the moment at which
  /// they were due. The connection must be idle.
  void StartBurst(int request_count, uint64_t start_ns);

  /// Sends what the socket did not take before.
  void OnWritable();

  /// Takes what has arrived.
  void OnReadable();

  State state() const { return state_; }
  bool wants_write() const { return !output_.empty(); }
  int fd() const { return fd_; }

 private:
  struct Pending {
    bool is_get = false;
    size_t key_count = 0;
    size_t hits = 0;
  };

  /// What a reply means for the first open request.
  enum class Meaning {
    kPart,
    kLast,
    kNonsense
  };

  void WriteRequest();
  ssize_t Receive(std::span<char> room);
  void Flush();
  void Consume(std::string_view input, uint64_t now_ns);
  Reply NextReply(std::string_view* input);
  void Count(const Reply& reply);
  Meaning MeaningOf(ReplyKind kind) const;
  void Complete(uint64_t now_ns);
  void CheckValue();
  void Close();

  ValueChecker checker_;  // first, for its alignment; used where values are verified
  const int fd_;
  const std::unique_ptr<TlsStream> tls_;
  Traffic* const traffic_;
  Random random_;
  State state_ = State::kIdle;

  SendQueue output_;
  std::variant<ReplyParser, BinaryReplyParser> parser_;
  uint64_t burst_start_ns_ = 0;
  std::vector<Pending> pending_;  // of this burst; those before first_pending_ are answered
  size_t first_pending_ = 0;
  std::vector<uint64_t> request_keys_;

  // Used where values are verified.
  std::string value_key_;
  std::vector<uint64_t> asked_keys_;  // of all gets of this burst, in order
  size_t asked_begin_ = 0;            // where those of the first open get begin
  size_t next_asked_ = 0;             // the first of them that may still be answered
};

}  // namespace quarry::bench
