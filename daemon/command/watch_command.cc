#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "daemon/command/commands.h"
#include "daemon/command/event_log.h"
#include "protocol/tokenizer.h"

namespace quarry::command {

using protocol::Error;

namespace {

constexpr std::pair<std::string_view, EventClass> kClassNames[] = {
    {"fetchers", kFetches},        {"mutations", kMutations},
    {"evictions", kEvictions},     {"connevents", kConnectionEvents},
    {"deletions", kDeletions},     {"sysevents", kSystemEvents},
    {"rawcmds", kProxyEvents},     {"proxyreqs", kProxyEvents},
    {"proxyevents", kProxyEvents}, {"proxyuser", kProxyEvents}};

/// What is to be watched; 0 if a word is no class.
uint32_t ParseClasses(std::string_view arguments) {
  protocol::Tokenizer tokens(arguments);
  uint32_t classes = 0;
  for (std::string_view word = tokens.Next(); !word.empty(); word = tokens.Next()) {
    const auto* const found = std::find_if(std::begin(kClassNames), std::end(kClassNames),
                                           [word](const auto& each) { return each.first == word; });
    if (found == std::end(kClassNames)) {
      return 0;
    }
    classes |= found->second;
  }
  return classes == 0 ? kFetches : classes;
}

/// What a client that watches is sent: it has no end, and what the client sends means nothing.
class WatchReply final : public LongReply {
 public:
  WatchReply(EventLog& log, std::shared_ptr<Watcher> watcher)
      : log_(log), watcher_(std::move(watcher)) {}
  ~WatchReply() override { log_.RemoveWatcher(watcher_); }
  WatchReply(const WatchReply&) = delete;
  WatchReply& operator=(const WatchReply&) = delete;

  Progress Continue(ReplyBuffer& replies, Moment /*moment*/) override {
    const size_t taken = watcher_->Take({replies.cursor(), replies.room()});
    replies.AdvanceTo(replies.cursor() + taken);
    return taken > 0 ? Progress::kMore : Progress::kWait;
  }
  bool ignores_input() const override { return true; }

 private:
  EventLog& log_;
  const std::shared_ptr<Watcher> watcher_;  // the log's as well, see EventLog::AddWatcher
};

Error BeginWatch(const Call& call) {
  if (!call.context.watch_enabled) {
    return Error::kWatchForbidden;
  }
  if (!call.replies.empty()) {
    return Error::kPipelinedWatch;
  }
  const uint32_t classes = ParseClasses(call.request.arguments);
  if (classes == 0) {
    return Error::kUnknownCommand;
  }
  EventLog& log = call.context.event_log;
  std::shared_ptr<Watcher> watcher = log.AddWatcher(classes, call.conversation.ticket.wake());
  if (watcher == nullptr) {
    return Error::kTooManyWatchers;
  }
  call.conversation.long_reply = std::make_unique<WatchReply>(log, std::move(watcher));
  return Error::kNone;
}

}  // namespace

void Watch(const Call& call) {
  ReplyOkOr(call, BeginWatch(call));
}

}  // namespace quarry::command
