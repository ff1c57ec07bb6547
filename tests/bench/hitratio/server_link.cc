#include "tests/bench/hitratio/server_link.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "tests/bench/socket.h"

namespace quarry::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kInputBytes = size_t{256} << 10;

}  // namespace

ServerLink::~ServerLink() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

std::string ServerLink::Open(const ServerAddress& address) {
  std::string error;
  fd_ = Connect(address, &error);
  input_.resize(kInputBytes);
  return error;
}

std::string ServerLink::Exchange(std::span<const BatchedRequest> sets,
                                 std::vector<BatchedRequest>* gets) {
  Owed owed;
  owed.sets = sets.size();
  owed.get = !gets->empty();
  for (const BatchedRequest& request : sets) {
    WriteSet(request);
  }
  if (owed.get) {
    WriteGet(*gets);
  }
  std::string failure;
  while (failure.empty() && !owed.done()) {
    size_t sent_bytes = 0;
    if (!output_.empty() && output_.Flush(fd_, &sent_bytes) == SendQueue::Outcome::kFailed) {
      return "the server closed the connection";
    }
    failure = WaitUntilReady();
    if (failure.empty()) {
      failure = Receive(&owed, gets);
    }
  }
  return failure;
}

void ServerLink::WriteSet(const BatchedRequest& request) {
  output_.Append("set ");
  output_.Append(request.key);
  output_.Append(" 0 0 ");
  output_.Append(std::to_string(request.value_bytes));
  output_.Append(kLineEnd);
  content_.AppendPlain(output_, ++values_sent_, request.value_bytes);
  output_.Append(kLineEnd);
}

void ServerLink::WriteGet(std::span<const BatchedRequest> gets) {
  output_.Append("get");
  for (const BatchedRequest& request : gets) {
    output_.Append(" ");
    output_.Append(request.key);
  }
  output_.Append(kLineEnd);
}

/// Polls without sleeping, so that no wake-up is charged to the server.
std::string ServerLink::WaitUntilReady() {
  using SteadyClock = std::chrono::steady_clock;
  const std::chrono::duration<double> patience(stall_seconds_);
  pollfd waited{};
  waited.fd = fd_;
  if (output_.empty()) {
    waited.events = POLLIN;
  } else {
    waited.events = POLLIN | POLLOUT;
  }
  for (const auto start = SteadyClock::now();;) {
    const int ready = poll(&waited, 1, 0);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return "cannot wait for the server: " + std::generic_category().message(errno);
    }
    if (SteadyClock::now() - start > patience) {
      return "no reply for " + std::to_string(stall_seconds_) + " s";
    }
  }
}

std::string ServerLink::Receive(Owed* owed, std::vector<BatchedRequest>* gets) {
  const ssize_t received = recv(fd_, input_.data(), input_.size(), 0);
  if (received < 0) {
    const bool again = errno == EAGAIN || errno == EINTR;
    return again ? "" : "cannot receive: " + std::generic_category().message(errno);
  }
  if (received == 0) {
    return "the server closed the connection";
  }
  std::string_view input(input_.data(), static_cast<size_t>(received));
  for (;;) {
    const Reply reply = parser_.Next(&input);
    if (reply.kind == ReplyKind::kIncomplete) {
      return {};
    }
    std::string failure = Take(reply, owed, gets);
    if (!failure.empty()) {
      return failure;
    }
  }
}

std::string ServerLink::Take(const Reply& reply, Owed* owed, std::vector<BatchedRequest>* gets) {
  switch (reply.kind) {
    case ReplyKind::kStored:
    case ReplyKind::kNotStored:
    case ReplyKind::kErrorLine:
      if (owed->sets > 0) {
        --owed->sets;
        if (reply.kind != ReplyKind::kStored) {
          ++refused_sets_;
          ++error_texts_[std::string(reply.text)];
        }
        return {};
      }
      break;
    case ReplyKind::kValueHead:
      // Hits come in the order in which they were asked for.
      while (owed->next_get < gets->size() && (*gets)[owed->next_get].key != reply.text) {
        ++owed->next_get;
      }
      if (owed->sets == 0 && owed->next_get < gets->size()) {
        (*gets)[owed->next_get++].hit = true;
        return {};
      }
      break;
    case ReplyKind::kValueBytes:
    case ReplyKind::kValueEnd:
      return {};
    case ReplyKind::kEnd:
      if (owed->sets == 0 && owed->get) {
        owed->get = false;
        return {};
      }
      break;
    default:
      break;
  }
  return "an unexpected reply: " + std::string(reply.text);
}

}  // namespace quarry::bench
