#include "protocol/crawler_command.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

using Kind = CrawlerCommand::Kind;

CrawlerCommand Parsed(const std::string& arguments) {
  CrawlerCommand command;
  CAPTURE(arguments);
  REQUIRE(ParseCrawler(arguments, command) == Error::kNone);
  return command;
}

Error ErrorOf(const std::string& arguments) {
  CrawlerCommand command;
  return ParseCrawler(arguments, command);
}

TEST_CASE("lru_crawler takes an action, and some a number or classes") {
  REQUIRE(Parsed("enable").kind == Kind::kEnable);
  REQUIRE(Parsed(" disable ").kind == Kind::kDisable);
  for (const uint32_t pause_us : {0U, 1'000'000U}) {
    const CrawlerCommand command = Parsed("sleep " + std::to_string(pause_us));
    REQUIRE(command.kind == Kind::kSetPause);
    REQUIRE(command.value == pause_us);
  }
  REQUIRE(Parsed("tocrawl 7").kind == Kind::kSetItemLimit);
  REQUIRE(Parsed("tocrawl 7").value == 7);
  const std::string crawl = "crawl 1,2,x more";
  CrawlerCommand command;
  REQUIRE(ParseCrawler(crawl, command) == Error::kNone);
  REQUIRE(command.kind == Kind::kCrawl);
  REQUIRE(command.classes == "1,2,x");
  REQUIRE(Parsed("metadump all").kind == Kind::kMetadump);
  REQUIRE(Parsed("mgdump hash").kind == Kind::kMgdump);
  REQUIRE(Parsed("mgdump hash").classes == "hash");
}

TEST_CASE("What lru_crawler does not take is an error") {
  REQUIRE(ErrorOf("sleep 1000001") == Error::kCrawlerPause);
  for (const char* text :
       {"sleep 5000000000", "sleep -1", "sleep 1x", "tocrawl 4294967296", "tocrawl +1"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kBadLine);
  }
  for (const char* text :
       {"", "start", "sleep", "tocrawl", "crawl", "metadump", "mgdump", "Enable"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kUnknownCommand);
  }
}

TEST_CASE("Class ids stand between commas, or are all of them") {
  REQUIRE(ParseClassIds("all", 3) == std::vector<uint32_t>{1, 2, 3});
  REQUIRE(ParseClassIds("3,1", 3) == std::vector<uint32_t>{3, 1});
  for (const char* text : {"", "0", "4", "1,", ",1", "x", "1,-1", "4294967297", "All"}) {
    CAPTURE(text);
    REQUIRE_FALSE(ParseClassIds(text, 3));
  }
}

}  // namespace
}  // namespace quarry::protocol
