#include "daemon/command/item_dump.h"

#include <string>

#include "daemon/command/commands.h"
#include "daemon/command/executor.h"
#include "daemon/command/stat_lines.h"
#include "protocol/words.h"

namespace quarry::command {
namespace {

// A lock is held for so many buckets, of about seven items each.
constexpr uint32_t kBucketsPerStep = 16;
// So many steps are one call's work where they bring nothing to send.
constexpr int kStepsPerCall = 16;

static_assert(protocol::kMetadumpLineRoom <= Executor::kMaxLineReplyBytes);
static_assert(protocol::kMgdumpLineRoom <= Executor::kMaxLineReplyBytes);
static_assert(protocol::kCachedumpLineRoom <= Executor::kMaxLineReplyBytes);

/// The wall clock at second 0 of the time line of expiries. It is the same at any time: what is
/// told of an item does not depend on when in a second that is.
int64_t UnixOrigin(const Clock& clock, int64_t unix_now) {
  return unix_now + 1 - int64_t{clock.ExpiryAt(unix_now + 1)};
}

protocol::ListedItem ListedItemOf(const core::Listing& listing, int64_t unix_now,
                                  int64_t unix_origin) {
  const core::ItemView& item = listing.item;
  return {.key = item.key,
          .base64_key = item.base64_key,
          .expiry_unix_sec = item.expiry == kNever ? -1 : unix_origin + int64_t{item.expiry},
          .access_unix_sec = unix_now - listing.idle_sec,
          .cas = item.cas,
          .fetched = listing.fetched,
          .class_id = item.class_id,
          .item_bytes = core::ItemBytes(item),
          .value_bytes = item.value_bytes,
          .client_flags = item.client_flags};
}

}  // namespace

const ItemDump::Format ItemDump::kMetadump = {protocol::WriteMetadumpLine, protocol::kEnd};
const ItemDump::Format ItemDump::kMgdump = {protocol::WriteMgdumpLine, protocol::kMetaEnd};
const ItemDump::Format ItemDump::kCachedump = {protocol::WriteCachedumpLine, protocol::kEnd};

LongReply::Progress ItemDump::Continue(ReplyBuffer& replies, Moment moment) {
  const int64_t unix_now = moment.clock.UnixNow();
  const int64_t unix_origin = UnixOrigin(moment.clock, unix_now);
  bool full = false;
  for (int step = 0; step < kStepsPerCall && !full && !through_; ++step) {
    const bool goes_on =
        engine_.Walk(position_, kBucketsPerStep, moment.now, [&](const core::Listing& listing) {
          if (!IsAsked(listing.item.class_id)) {
            return true;
          }
          full = !replies.HasRoom(Executor::kMaxLineReplyBytes);
          if (full || items_left_ == 0) {
            return false;
          }
          --items_left_;
          replies.AdvanceTo(
              format_.write_line(replies.cursor(), ListedItemOf(listing, unix_now, unix_origin)));
          return true;
        });
    through_ = !goes_on || items_left_ == 0;
  }
  if (!through_ || !replies.HasRoom(Executor::kMaxLineReplyBytes)) {
    return Progress::kMore;
  }
  replies.Append(format_.end);
  return Progress::kDone;
}

uint64_t SizeHistogram::CountOfSizes(const core::Engine& engine) {
  return engine.max_item_bytes() / kStepBytes + 2;
}

std::unique_ptr<SizeHistogram> SizeHistogram::Begin(core::Engine& engine,
                                                    const protocol::Request& request,
                                                    std::atomic<uint32_t>& in_use) {
  const uint64_t bytes = CountOfSizes(engine) * sizeof(uint32_t);
  const uint64_t most = std::clamp<uint64_t>(kMaxBytes / bytes, 1, kMaxAtOnce);
  // Relaxed: only the number matters.
  if (in_use.fetch_add(1, std::memory_order_relaxed) >= most) {
    in_use.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  return std::unique_ptr<SizeHistogram>(new SizeHistogram(engine, request, in_use));
}

SizeHistogram::~SizeHistogram() {
  in_use_.fetch_sub(1, std::memory_order_relaxed);
}

SizeHistogram::SizeHistogram(core::Engine& engine, const protocol::Request& request,
                             std::atomic<uint32_t>& in_use)
    : engine_(engine),
      in_use_(in_use),
      request_(protocol::WithoutViews(request)),
      counts_(CountOfSizes(engine)) {}

LongReply::Progress SizeHistogram::Continue(ReplyBuffer& replies, Moment moment) {
  for (int step = 0; step < kStepsPerCall && !counted_; ++step) {
    counted_ =
        !engine_.Walk(position_, kBucketsPerStep, moment.now, [this](const core::Listing& listing) {
          const uint64_t steps = (core::ItemBytes(listing.item) + kStepBytes - 1) / kStepBytes;
          ++counts_[std::min<uint64_t>(steps, counts_.size() - 1)];
          return true;
        });
  }
  return counted_ && AddLines(replies) ? Progress::kDone : Progress::kMore;
}

/// True when the last line has been added.
bool SizeHistogram::AddLines(ReplyBuffer& replies) {
  std::string line;
  for (; next_line_ < counts_.size(); ++next_line_) {
    if (counts_[next_line_] == 0) {
      continue;
    }
    if (!replies.HasRoom(Executor::kMaxLineReplyBytes)) {
      return false;
    }
    line.clear();
    AppendStat(line, request_, std::to_string(next_line_ * kStepBytes),
               std::to_string(counts_[next_line_]));
    replies.Append(line);
  }
  if (!replies.HasRoom(Executor::kMaxLineReplyBytes)) {
    return false;
  }
  line.clear();
  AppendStatsEnd(line, request_);
  replies.Append(line);
  return true;
}

}  // namespace quarry::command
