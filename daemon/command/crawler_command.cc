#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

#include "core/base/numbers.h"
#include "daemon/command/commands.h"

namespace quarry::command {

using core::CrawlOutcome;
using protocol::CrawlerAction;
using protocol::Error;

namespace {

/// "all", or ids with commas between them. False if one is no class's.
bool ParseClasses(std::string_view text, uint32_t class_count, std::vector<uint32_t>& class_ids) {
  if (text == "all") {
    class_ids.resize(class_count);
    std::iota(class_ids.begin(), class_ids.end(), 1U);
    return true;
  }
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const auto class_id = ParseU32(text.substr(begin, end - begin));
    if (!class_id || *class_id == 0 || *class_id > class_count) {
      return false;
    }
    class_ids.push_back(*class_id);
    begin = end + 1;
  }
  return true;
}

Error Crawl(const Call& call) {
  if (!call.engine().crawler().enabled()) {
    return Error::kCrawlerOff;
  }
  std::vector<uint32_t> class_ids;
  if (!ParseClasses(call.request.arguments, call.engine().class_count(), class_ids)) {
    return Error::kBadClass;
  }
  switch (call.engine().StartCrawl(class_ids, call.now())) {
    case CrawlOutcome::kStarted:
      return Error::kNone;
    case CrawlOutcome::kBusy:
      return Error::kCrawlerBusy;
    case CrawlOutcome::kNoItems:
      return Error::kNothingToCrawl;
    case CrawlOutcome::kDisabled:
      break;
  }
  return Error::kCrawlerOff;
}

Error Control(const Call& call) {
  core::Crawler& crawler = call.engine().crawler();
  switch (call.request.crawler_action) {
    case CrawlerAction::kEnable:
      return crawler.SetEnabled(true) ? Error::kNone : Error::kCrawlerRuns;
    case CrawlerAction::kDisable:
      crawler.SetEnabled(false);
      return Error::kNone;
    case CrawlerAction::kSetPause:
      crawler.SetPauseUs(call.request.crawler_value);
      return Error::kNone;
    case CrawlerAction::kSetItemLimit:
      crawler.SetItemLimit(call.request.crawler_value);
      return Error::kNone;
    case CrawlerAction::kCrawl:
      break;
  }
  return Crawl(call);
}

}  // namespace

void ControlCrawler(const Call& call) {
  ReplyOkOr(call, Control(call));
}

}  // namespace quarry::command
