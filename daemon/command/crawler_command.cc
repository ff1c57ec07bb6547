#include "protocol/crawler_command.h"

#include <string>

#include "daemon/command/commands.h"

namespace quarry::command {

using core::CrawlOutcome;
using protocol::CrawlerCommand;
using protocol::Error;

namespace {

Error Crawl(const Call& call, const CrawlerCommand& command) {
  if (!call.engine().crawler().enabled()) {
    return Error::kCrawlerOff;
  }
  const auto class_ids = protocol::ParseClassIds(command.classes, call.engine().class_count());
  if (!class_ids) {
    return Error::kBadClass;
  }
  switch (call.engine().StartCrawl(*class_ids, call.now())) {
    case CrawlOutcome::kStarted:
      call.context.event_log.TellSystemEvent(
          "lru_crawler", "state=started classes=" + std::to_string(class_ids->size()));
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

Error CarryOut(const Call& call, const CrawlerCommand& command) {
  core::Crawler& crawler = call.engine().crawler();
  switch (command.kind) {
    case CrawlerCommand::Kind::kEnable:
      return crawler.SetEnabled(true) ? Error::kNone : Error::kCrawlerRuns;
    case CrawlerCommand::Kind::kDisable:
      crawler.SetEnabled(false);
      break;
    case CrawlerCommand::Kind::kSetPause:
      crawler.SetPauseUs(command.value);
      break;
    case CrawlerCommand::Kind::kSetItemLimit:
      crawler.SetItemLimit(command.value);
      break;
    case CrawlerCommand::Kind::kCrawl:
      return Crawl(call, command);
    case CrawlerCommand::Kind::kMetadump:
    case CrawlerCommand::Kind::kMgdump:
      return BeginDump(call, command);
  }
  return Error::kNone;
}

}  // namespace

void ControlCrawler(const Call& call) {
  CrawlerCommand command;
  Error error = protocol::ParseCrawler(call.request.arguments, command);
  if (error == Error::kNone) {
    error = CarryOut(call, command);
  }
  ReplyOkOr(call, error);
}

}  // namespace quarry::command
