#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/reply_parser.h"
#include "tests/bench/send_queue.h"
#include "tests/bench/value_content.h"

namespace quarry::bench {

/// A request on its way to a server, and whether it hit.
struct BatchedRequest {
  std::string key;
  size_t value_bytes = 0;
  size_t phase = 0;
  bool hit = false;
};

/// One connection to a server that speaks the classic text protocol.
class ServerLink {
 public:
  /// Without a reply for so long the server is given up.
  explicit ServerLink(double stall_seconds) : stall_seconds_(stall_seconds) {}
  ~ServerLink();
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;

  /// Connects. Returns an empty text or what is wrong.
  std::string Open(const ServerAddress& address);

  /// Sets a value for each of `sets`, then asks for the keys of *gets with one multi-get, all of it
  /// sent together; fills in the hits. Either may be empty. Returns an empty text, or why the
  /// connection can no longer be used.
  std::string Exchange(std::span<const BatchedRequest> sets, std::vector<BatchedRequest>* gets);

  /// Sets that were answered with anything but STORED, and what those answers were.
  uint64_t refused_sets() const { return refused_sets_; }
  const std::map<std::string, uint64_t>& error_texts() const { return error_texts_; }

 private:
  /// What the replies to one exchange have yet to bring.
  struct Owed {
    size_t sets = 0;
    bool get = false;
    size_t next_get = 0;  // the first request of the batch that may still hit
    bool done() const { return sets == 0 && !get; }
  };

  void WriteSet(const BatchedRequest& request);
  void WriteGet(std::span<const BatchedRequest> gets);
  std::string WaitUntilReady();
  std::string Receive(Owed* owed, std::vector<BatchedRequest>* gets);
  std::string Take(const Reply& reply, Owed* owed, std::vector<BatchedRequest>* gets);

  const double stall_seconds_;
  int fd_ = -1;
  SendQueue output_;
  ReplyParser parser_;
  const ValueContent content_;
  std::vector<char> input_;
  uint64_t values_sent_ = 0;
  uint64_t refused_sets_ = 0;
  std::map<std::string, uint64_t> error_texts_;
};

}  // namespace quarry::bench
