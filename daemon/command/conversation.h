#pragma once

#include <cstdint>
#include <memory>

#include "core/admission.h"
#include "core/base/wake_up.h"
#include "daemon/command/long_reply.h"

namespace quarry::command {

/// What a session's commands may take hold of beyond their own request. Belongs to the session.
struct Conversation {
  /// `wake` and `descriptor` as the session's.
  Conversation(WakeUp wake, int connection_descriptor)
      : ticket(wake), descriptor(connection_descriptor) {}

  core::AdmissionTicket ticket;  ///< of a large store, or of a value that waits to be pinned
  /// Set by a command that has begun one: nothing else is carried out until it is through.
  std::unique_ptr<LongReply> long_reply;
  bool logged_in = false;  ///< or need not
  /// What appends and prepends to large values have copied since others had their turn.
  uint64_t copied_bytes = 0;
  const int descriptor;  ///< what `stats conns` calls the connection; -1: nothing
};

}  // namespace quarry::command
