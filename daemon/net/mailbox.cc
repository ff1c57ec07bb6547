#include "daemon/net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include <absl/status/status.h>

#include "core/base/check.h"

namespace quarry::net {

absl::StatusOr<std::unique_ptr<Mailbox>> Mailbox::Create(EventLoop& loop) {
  FileDescriptor wakeup(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wakeup) {
    return absl::ErrnoToStatus(errno, "eventfd");
  }
  std::unique_ptr<Mailbox> mailbox(new Mailbox(std::move(wakeup)));
  mailbox->wakeup_event_.Assign<&Mailbox::OnWakeup>(loop, mailbox->wakeup_.value(), mailbox.get());
  if (!mailbox->wakeup_event_.Want(EPOLLIN)) {
    return absl::ResourceExhaustedError("eventfd: the event loop refused it");
  }
  return mailbox;
}

void Mailbox::Post(Message message) {
  bool was_empty = false;
  {
    const MutexLock lock(mutex_);
    was_empty = messages_.empty();
    messages_.push_back(std::move(message));
  }
  // Who finds messages there already knows that the loop has not yet collected them, and that the
  // wake-up is on its way.
  if (was_empty) {
    const uint64_t one = 1;
    // EAGAIN: the counter is at its limit, so the loop will wake up all the same.
    QUARRY_CHECK(write(wakeup_.value(), &one, sizeof(one)) == sizeof(one) || errno == EAGAIN);
  }
}

void Mailbox::OnWakeup() {
  uint64_t count = 0;
  // The counter is reset before the messages are collected: a message that comes between the two
  // wakes the loop once more.
  QUARRY_CHECK(read(wakeup_.value(), &count, sizeof(count)) == sizeof(count) || errno == EAGAIN);
  std::vector<Message> messages;
  {
    const MutexLock lock(mutex_);
    messages.swap(messages_);
  }
  for (Message& message : messages) {
    message();
  }
}

}  // namespace quarry::net
