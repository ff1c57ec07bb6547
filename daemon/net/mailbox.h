#pragma once

#include <memory>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "core/base/mutex.h"
#include "daemon/net/event.h"
#include "daemon/net/file_descriptor.h"
#include "daemon/net/socket_poll.h"

namespace quarry::net {

/// Brings messages from any thread to the thread of one event loop, in the order of their posting.
///
/// It has no limit of its own: what is posted are accepted sockets, at most one wake-up for each
/// connection that waits, and a few control messages.
class Mailbox {
 public:
  using Message = absl::AnyInvocable<void()>;

  /// The messages will run on the thread of `loop`, which outlives the mailbox. ResourceExhausted
  /// when the system refuses a descriptor.
  static absl::StatusOr<std::unique_ptr<Mailbox>> Create(EventLoop& loop);

  /// Any thread, also under other locks. A message that is posted after the loop's last turn is
  /// destroyed with the mailbox without having run.
  void Post(Message message);

 private:
  explicit Mailbox(FileDescriptor wakeup) : wakeup_(std::move(wakeup)) {}

  void OnWakeup();

  const FileDescriptor wakeup_;  // an eventfd
  SocketEvent wakeup_event_;
  Mutex mutex_;
  std::vector<Message> messages_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::net
