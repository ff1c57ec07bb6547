#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine.h"
#include "tests/bench/hitratio/replay.h"

namespace quarry::bench {
namespace {

/// The clock of a replay: after n requests, n / rate seconds have passed.
class RequestClock {
 public:
  explicit RequestClock(double requests_per_second) : seconds_each_(1 / requests_per_second) {}

  Instant AfterRequests(uint64_t requests) const {
    const double seconds = kFirstSecond + static_cast<double>(requests) * seconds_each_;
    const auto floor_sec = static_cast<uint32_t>(seconds);
    return {floor_sec, floor_sec + (seconds > floor_sec ? 1 : 0)};
  }

 private:
  static constexpr double kFirstSecond = 2;  // as a daemon's clock at its start

  const double seconds_each_;
};

const char* Describe(core::StoreOutcome outcome) {
  switch (outcome) {
    case core::StoreOutcome::kTooLarge:
      return "too large";
    case core::StoreOutcome::kNoMemory:
      return "no memory";
    default:
      return "not stored";
  }
}

/// An engine behind the two verbs of a replay. What it stores has the right size; nobody reads it.
class EngineCache {
 public:
  EngineCache(std::unique_ptr<core::Engine> engine, const EngineReplayOptions& options)
      : engine_(std::move(engine)), options_(options), content_(kPageBytes, 'q') {}

  bool Holds(const core::Key& key, Instant now) {
    return engine_->Get(key, {}, now, [](const core::Fetched&, const core::Pin&) {}) ==
           core::GetOutcome::kHit;
  }

  core::StoreOutcome Store(const core::Key& key, size_t value_bytes, Instant now) {
    const core::StoreOptions how{.expiry = ExpiryOf(key, now)};
    if (engine_->IsTooLarge(key.bytes.size(), value_bytes)) {
      engine_->RefuseTooLarge(key, how, now);
      return core::StoreOutcome::kTooLarge;
    }
    if (value_bytes <= core::Engine::kMaxSmallValueBytes) {
      const std::string_view value(content_.data(), value_bytes);
      return engine_->Store(key, how, value, now).outcome;
    }
    return StoreLarge(key, how, value_bytes, now);
  }

  core::Engine& engine() { return *engine_; }

 private:
  static constexpr size_t kPageBytes = size_t{64} << 10;  // at least what a small value can be

  /// A key's lifetime is always the same.
  Expiry ExpiryOf(const core::Key& key, Instant now) const {
    if (options_.min_ttl_sec == 0) {
      return kNever;
    }
    const double place = static_cast<double>(key.hash >> 11) * 0x1p-53;
    const double span = static_cast<double>(options_.max_ttl_sec) / options_.min_ttl_sec;
    return now.ceil_sec + static_cast<uint32_t>(options_.min_ttl_sec * std::pow(span, place));
  }

  core::StoreOutcome StoreLarge(const core::Key& key, const core::StoreOptions& how,
                                size_t value_bytes, Instant now) {
    core::Upload upload = engine_->BeginUpload(key, value_bytes, now);
    while (upload && upload.remaining_bytes() > 0) {
      std::array<std::span<char>, 1> space;
      if (upload.Space(space, upload.remaining_bytes()) == 0) {
        upload = {};
        break;
      }
      // Written, so that the system has to give the memory.
      std::memset(space[0].data(), 'q', space[0].size());
      upload.Advance(space[0].size());
    }
    if (!upload) {
      engine_->RefuseNoMemory(key, how, value_bytes, now);
      return core::StoreOutcome::kNoMemory;
    }
    return engine_->Store(key, how, std::move(upload), now).outcome;
  }

  const std::unique_ptr<core::Engine> engine_;
  const EngineReplayOptions& options_;
  const std::vector<char> content_;
};

}  // namespace

ReplayResult ReplayEngine(const EngineReplayOptions& options, Trace& trace, Tally& tally) {
  ReplayResult result;
  core::EngineOptions engine_options;
  engine_options.memory_bytes = options.memory_mb << 20;
  engine_options.max_item_bytes = options.item_limit_mb << 20;
  engine_options.shard_count = options.shard_count;
  engine_options.growth_factor = options.growth_factor;
  engine_options.hash_seed = 1;  // the same replay each time
  auto created = core::Engine::Create(engine_options);
  if (!created.ok()) {
    result.failure = std::string(created.status().message());
    return result;
  }
  EngineCache cache(*std::move(created), options);
  cache.engine().SetFlatLru(options.flat_lru);
  const RequestClock clock(options.requests_per_second);
  Instant now = clock.AfterRequests(0);
  TraceRequest request;
  for (uint64_t number = 0; trace.Next(&request); ++number) {
    const uint32_t last_sec = now.floor_sec;
    now = clock.AfterRequests(number);
    if (now.floor_sec != last_sec) {
      cache.engine().Maintain(now);
    }
    const core::Key key = cache.engine().MakeKey(request.key);
    const bool hit = cache.Holds(key, now);
    tally.Record(request.phase, request.value_bytes, hit);
    if (hit) {
      continue;
    }
    const core::StoreOutcome outcome = cache.Store(key, request.value_bytes, now);
    if (outcome != core::StoreOutcome::kStored) {
      ++result.refused_sets;
      ++result.error_texts[Describe(outcome)];
    }
  }
  result.failure = trace.error();
  const core::EngineStats stats = cache.engine().Stats(now);
  result.items = stats.items;
  result.reclaimed = stats.class_totals.reclaimed;
  result.items_checked = stats.class_totals.crawler_checked;
  return result;
}

}  // namespace quarry::bench
