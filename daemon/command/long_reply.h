#pragma once

#include <cstdint>

#include "daemon/command/options_from_request.h"
#include "daemon/command/reply_buffer.h"

namespace quarry::command {

/// A reply that is too long to be made at once, or has no end: its session asks for more whenever
/// the client has taken what there was. So it costs no memory for what is not yet sent, and a
/// client that does not read costs nothing at all. Belongs to its session, on the worker's thread.
class LongReply {
 public:
  enum class Progress : uint8_t {
    kMore,  ///< call Continue again
    kWait,  ///< the same after the session's wake has been called
    kDone,  ///< the reply is whole
  };

  virtual ~LongReply() = default;

  /// Adds what comes next to `replies`, which have room for at least Executor::kMaxLineReplyBytes.
  /// Does a bounded amount of work, and may add nothing.
  virtual Progress Continue(ReplyBuffer& replies, Moment moment) = 0;

  /// True where nothing that the client sends from now on means anything.
  virtual bool ignores_input() const { return false; }
};

}  // namespace quarry::command
