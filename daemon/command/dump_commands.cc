// The commands that list items.

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/numbers.h"
#include "daemon/command/commands.h"
#include "daemon/command/item_dump.h"
#include "protocol/crawler_command.h"
#include "protocol/tokenizer.h"
#include "protocol/words.h"

namespace quarry::command {

using protocol::CrawlerCommand;
using protocol::Error;

namespace {

constexpr std::string_view kWholeIndex = "hash";

/// The classes of these ids; nullopt if one is no class's.
std::optional<std::vector<bool>> ClassesOf(std::string_view text, uint32_t class_count) {
  const auto ids = protocol::ParseClassIds(text, class_count);
  if (!ids) {
    return std::nullopt;
  }
  std::vector<bool> classes(class_count);
  for (const uint32_t id : *ids) {
    classes[id - 1] = true;
  }
  return classes;
}

bool AnyItemIn(const std::vector<bool>& classes, const Call& call) {
  const core::EngineStats stats = call.engine().Stats(call.now());
  return std::any_of(stats.classes.begin(), stats.classes.end(),
                     [&classes](const core::ClassStats& each) {
                       return each.items > 0 && classes[each.class_id - 1];
                     });
}

/// `stats cachedump <class> <limit>`
Error BeginCachedump(const Call& call, protocol::Tokenizer& tokens) {
  if (!call.context.dump_enabled) {
    return Error::kCachedumpForbidden;
  }
  const std::string_view class_text = tokens.Next();
  const std::string_view limit_text = tokens.Next();
  if (limit_text.empty()) {
    return Error::kBadCommandLine;
  }
  const std::optional<uint32_t> class_id = ParseU32(class_text);
  const std::optional<uint32_t> limit = ParseU32(limit_text);
  if (!class_id || !limit) {
    return Error::kBadLine;
  }
  const uint32_t class_count = call.engine().class_count();
  if (*class_id > class_count) {
    return Error::kIllegalClass;
  }
  std::vector<bool> classes(class_count);
  if (*class_id > 0) {  // 0 is a class without items
    classes[*class_id - 1] = true;
  }
  if (!AnyItemIn(classes, call)) {
    call.replies.Append(protocol::kEnd);
    return Error::kNone;
  }
  call.conversation.long_reply = std::make_unique<ItemDump>(
      call.engine(), ItemDump::kCachedump, std::move(classes), *limit == 0 ? UINT64_MAX : *limit);
  return Error::kNone;
}

}  // namespace

Error BeginDump(const Call& call, const CrawlerCommand& command) {
  const bool is_metadump = command.kind == CrawlerCommand::Kind::kMetadump;
  if (!call.context.dump_enabled) {
    return is_metadump ? Error::kMetadumpForbidden : Error::kKeyDumpForbidden;
  }
  if (!call.replies.empty()) {
    return is_metadump ? Error::kPipelinedMetadump : Error::kPipelinedMgdump;
  }
  if (!call.engine().crawler().enabled()) {
    return Error::kCrawlerOff;
  }
  std::vector<bool> classes;
  if (command.classes != kWholeIndex) {
    auto asked = ClassesOf(command.classes, call.engine().class_count());
    if (!asked) {
      return Error::kBadClass;
    }
    if (!AnyItemIn(*asked, call)) {
      return Error::kNothingToCrawl;
    }
    classes = *std::move(asked);
  }
  call.conversation.long_reply = std::make_unique<ItemDump>(
      call.engine(), is_metadump ? ItemDump::kMetadump : ItemDump::kMgdump, std::move(classes));
  return Error::kNone;
}

bool BeginListing(const Call& call) {
  protocol::Tokenizer tokens(call.request.arguments);
  const std::string_view group = tokens.Next();
  if (group == "cachedump" && call.request.dialect != protocol::Dialect::kBinary) {
    if (const Error error = BeginCachedump(call, tokens); error != Error::kNone) {
      ReplyError(call.request, error, call.replies);
    }
    return true;
  }
  if (group == "sizes" && call.context.track_sizes) {
    auto histogram =
        SizeHistogram::Begin(call.engine(), call.request, call.context.size_histograms);
    if (histogram == nullptr) {
      ReplyError(call.request, Error::kOutOfMemoryStats, call.replies);
    }
    call.conversation.long_reply = std::move(histogram);
    return true;
  }
  return false;
}

}  // namespace quarry::command
