#include "tests/bench/floor/owed_replies.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace quarry::bench {
namespace {

/// Enough for more than a socket takes at once: sends of a part of that cost several times as much.
constexpr size_t kPiecesPerCall = 128;

}  // namespace

void OwedReplies::Add(RequestKind kind) {
  if (!runs_.empty() && runs_.back().kind == kind) {
    ++runs_.back().count;
  } else {
    runs_.push_back({kind, 1});
  }
}

bool OwedReplies::SendOnce(int fd, const CannedReplies& replies, std::string* scratch) {
  ssize_t sent = 0;
  if (AreSmall(replies)) {
    const std::string_view bytes = Bytes(replies, scratch);
    sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } else {
    sent = SendPieces(fd, replies);
  }
  if (sent < 0) {
    return errno == EAGAIN || errno == EINTR;
  }
  Drop(static_cast<size_t>(sent), replies);
  return true;
}

bool OwedReplies::AreSmall(const CannedReplies& replies) const {
  return std::all_of(runs_.begin(), runs_.end(),
                     [&replies](const Run& run) { return replies.IsSmall(run.kind); });
}

/// Small replies as one stretch: where they stand in a row already, or copied together.
std::string_view OwedReplies::Bytes(const CannedReplies& replies, std::string* scratch) const {
  const Run& first = runs_.front();
  const std::string_view row = replies.InARow(first.kind);
  const size_t first_bytes = first.count * replies.SizeOf(first.kind);
  if (runs_.size() == 1 && first_bytes <= row.size()) {
    return row.substr(sent_bytes_, first_bytes - sent_bytes_);
  }
  scratch->clear();
  for (const Run& run : runs_) {
    for (size_t i = 0; i < run.count; ++i) {
      scratch->append(replies.InARow(run.kind).substr(0, replies.SizeOf(run.kind)));
    }
  }
  return std::string_view(*scratch).substr(sent_bytes_);
}

ssize_t OwedReplies::SendPieces(int fd, const CannedReplies& replies) const {
  std::array<iovec, kPiecesPerCall> pieces{};
  size_t used = 0;
  size_t skipped_bytes = sent_bytes_;
  uint64_t number = number_;
  for (const Run& run : runs_) {
    const size_t size = replies.SizeOf(run.kind);
    for (size_t i = skipped_bytes / size; i < run.count && used < pieces.size(); ++i) {
      used += replies.PiecesFrom(run.kind, skipped_bytes % size, number + i,
                                 std::span(pieces).subspan(used));
      skipped_bytes = 0;
    }
    number += run.count;
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = used;
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

void OwedReplies::Drop(size_t bytes, const CannedReplies& replies) {
  sent_bytes_ += bytes;
  size_t done = 0;
  while (done < runs_.size() &&
         sent_bytes_ >= runs_[done].count * replies.SizeOf(runs_[done].kind)) {
    const size_t run_bytes = runs_[done].count * replies.SizeOf(runs_[done].kind);
    sent_bytes_ -= run_bytes;
    number_ += runs_[done].count;
    ++done;
  }
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(done));
}

}  // namespace quarry::bench
