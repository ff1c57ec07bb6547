#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/floor/canned_replies.h"
#include "tests/bench/floor/request_scanner.h"

namespace quarry::bench {

/// The replies that one client has not been sent yet, in order: runs of equal ones, of the first of
/// which some bytes may have been sent. One thread.
class OwedReplies {
 public:
  /// The replies have numbers from `first_number` on, by which CannedReplies chooses large values.
  explicit OwedReplies(uint64_t first_number) : number_(first_number) {}

  void Add(RequestKind kind);

  bool empty() const { return runs_.empty(); }

  /// Sends what the socket takes in one call. False where the client has gone.
  bool SendOnce(int fd, const CannedReplies& replies, std::string* scratch);

 private:
  struct Run {
    RequestKind kind;
    size_t count;
  };

  bool AreSmall(const CannedReplies& replies) const;
  std::string_view Bytes(const CannedReplies& replies, std::string* scratch) const;
  ssize_t SendPieces(int fd, const CannedReplies& replies) const;
  void Drop(size_t bytes, const CannedReplies& replies);

  std::vector<Run> runs_;
  size_t sent_bytes_ = 0;  // of the first run
  uint64_t number_;        // of that run's first reply
};

}  // namespace quarry::bench
