#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/error.h"

namespace quarry::protocol {

/// What a `lru_crawler` command asks for. A field that `kind` has no use for says nothing.
struct CrawlerCommand {
  enum class Kind : uint8_t {
    kEnable,        ///< enable
    kDisable,       ///< disable
    kSetPause,      ///< sleep <value>
    kSetItemLimit,  ///< tocrawl <value>
    kCrawl,         ///< crawl <classes>
    kMetadump,      ///< metadump <classes>, or `hash` for all that there is
    kMgdump,        ///< mgdump, likewise
  };
  static constexpr uint32_t kMaxPauseUs = 1'000'000;

  Kind kind = Kind::kEnable;
  uint32_t value = 0;             ///< microseconds, at most kMaxPauseUs, or items
  std::string_view classes = {};  ///< for ParseClassIds
};

/// Reads what follows `lru_crawler` on its line. kNone: `command` is whole; else the error to
/// answer with.
Error ParseCrawler(std::string_view arguments, CrawlerCommand& command);

/// Reads class ids, from 1 to `class_count`, with commas between them, or "all". nullopt: one is no
/// class's.
std::optional<std::vector<uint32_t>> ParseClassIds(std::string_view text, uint32_t class_count);

}  // namespace quarry::protocol
