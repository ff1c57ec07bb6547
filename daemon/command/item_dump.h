#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/engine.h"
#include "core/listing.h"
#include "daemon/command/long_reply.h"
#include "protocol/dump_line.h"
#include "protocol/request.h"

namespace quarry::command {

/// Lists all items, or those of some slab classes: the reply to `lru_crawler metadump` and `mgdump`
/// and to `stats cachedump`. Goes through the index in steps while others use it; an item that
/// lives throughout is listed exactly once.
class ItemDump final : public LongReply {
 public:
  /// How an item is written, and what stands behind the last.
  struct Format {
    char* (*write_line)(char* out, const protocol::ListedItem& item);
    std::string_view end;
  };
  static const Format kMetadump;
  static const Format kMgdump;
  static const Format kCachedump;

  /// Items of the classes that are true in `classes`, by their ids less one; of all where it is
  /// empty. At most `item_limit` of them. `engine` outlives the dump.
  ItemDump(core::Engine& engine, const Format& format, std::vector<bool> classes,
           uint64_t item_limit = UINT64_MAX)
      : engine_(engine), format_(format), classes_(std::move(classes)), items_left_(item_limit) {}

  Progress Continue(ReplyBuffer& replies, Moment moment) override;

 private:
  bool IsAsked(uint32_t class_id) const { return classes_.empty() || classes_[class_id - 1]; }

  core::Engine& engine_;
  const Format& format_;
  const std::vector<bool> classes_;
  uint64_t items_left_;
  core::WalkPosition position_;
  bool through_ = false;
};

/// `stats sizes`: how many items there are of each size, in steps of 32 bytes. Counts them all
/// first, in steps likewise. Answers in the dialect of its request.
class SizeHistogram final : public LongReply {
 public:
  /// Each has its counters, four bytes for every 32 of the item limit, and keeps them until its
  /// client has read the reply: there are never more than so many, and than take so many bytes, but
  /// for the first.
  static constexpr uint32_t kMaxAtOnce = 4;
  static constexpr uint64_t kMaxBytes = uint64_t{4} << 20;

  /// Null where there are as many as may be. `in_use` counts them, for the whole server; it and
  /// `engine` outlive the histogram.
  static std::unique_ptr<SizeHistogram> Begin(core::Engine& engine,
                                              const protocol::Request& request,
                                              std::atomic<uint32_t>& in_use);
  ~SizeHistogram() override;
  SizeHistogram(const SizeHistogram&) = delete;
  SizeHistogram& operator=(const SizeHistogram&) = delete;

  Progress Continue(ReplyBuffer& replies, Moment moment) override;

 private:
  static constexpr uint64_t kStepBytes = 32;

  SizeHistogram(core::Engine& engine, const protocol::Request& request,
                std::atomic<uint32_t>& in_use);

  static uint64_t CountOfSizes(const core::Engine& engine);
  bool AddLines(ReplyBuffer& replies);

  core::Engine& engine_;
  std::atomic<uint32_t>& in_use_;
  const protocol::Request request_;  // without its views
  core::WalkPosition position_;
  std::vector<uint32_t> counts_;  // by the size in steps, rounded up
  size_t next_line_ = 0;
  bool counted_ = false;
};

}  // namespace quarry::command
