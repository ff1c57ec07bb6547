#include "protocol/crawler_command.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/base/numbers.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

using Kind = CrawlerCommand::Kind;

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"enable", Kind::kEnable},        {"disable", Kind::kDisable}, {"sleep", Kind::kSetPause},
    {"tocrawl", Kind::kSetItemLimit}, {"crawl", Kind::kCrawl},     {"metadump", Kind::kMetadump},
    {"mgdump", Kind::kMgdump}};

Error ParseValue(std::string_view digits, CrawlerCommand& command) {
  const std::optional<uint32_t> value = ParseU32(digits);
  if (!value) {
    return Error::kBadLine;
  }
  command.value = *value;
  const bool is_pause = command.kind == Kind::kSetPause;
  return is_pause && *value > CrawlerCommand::kMaxPauseUs ? Error::kCrawlerPause : Error::kNone;
}

}  // namespace

Error ParseCrawler(std::string_view arguments, CrawlerCommand& command) {
  Tokenizer tokens(arguments);
  const std::string_view name = tokens.Next();
  const auto* const found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                         [name](const auto& kind) { return kind.first == name; });
  if (found == std::end(kKinds)) {
    return Error::kUnknownCommand;
  }
  command.kind = found->second;
  if (command.kind == Kind::kEnable || command.kind == Kind::kDisable) {
    return Error::kNone;
  }
  const std::string_view argument = tokens.Next();
  if (argument.empty()) {
    return Error::kUnknownCommand;
  }
  if (command.kind != Kind::kSetPause && command.kind != Kind::kSetItemLimit) {
    command.classes = argument;
    return Error::kNone;
  }
  return ParseValue(argument, command);
}

std::optional<std::vector<uint32_t>> ParseClassIds(std::string_view text, uint32_t class_count) {
  std::vector<uint32_t> ids;
  if (text == "all") {
    ids.resize(class_count);
    std::iota(ids.begin(), ids.end(), 1U);
    return ids;
  }
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const auto id = ParseU32(text.substr(begin, end - begin));
    if (!id || *id == 0 || *id > class_count) {
      return std::nullopt;
    }
    ids.push_back(*id);
    begin = end + 1;
  }
  return ids;
}

}  // namespace quarry::protocol
