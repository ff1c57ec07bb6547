#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/hitratio/tally.h"
#include "tests/bench/hitratio/trace.h"
#include "tests/bench/options.h"

namespace quarry::bench {

/// What a replay came to, beside the hits that it has counted.
struct ReplayResult {
  std::string failure;         // why it ended early; empty where it did not
  uint64_t items = 0;          // that the cache held at the end
  uint64_t reclaimed = 0;      // expired items that it has freed, an engine's only
  uint64_t items_checked = 0;  // that it has looked at for that in the background
  uint64_t refused_sets = 0;
  std::map<std::string, uint64_t> error_texts;  // what refused them
  double seconds = 0;
};

struct EngineReplayOptions {
  uint64_t memory_mb = 64;
  uint32_t shard_count = 0;  // 0: by the memory
  double growth_factor = 1.04;
  uint64_t item_limit_mb = 1;
  bool flat_lru = false;             // plain LRU instead of segmented
  double requests_per_second = 1e5;  // how fast the engine's clock goes
  uint32_t min_ttl_sec = 0;  // how long what is stored lives, from here to there, as many keys in
  uint32_t max_ttl_sec = 0;  // each doubling; 0: for ever
};

struct LruReplayOptions {
  /// What an item counts beside its key and value: about what the engine spends on one.
  static constexpr uint64_t kItemOverheadBytes = 30;

  uint64_t max_items = 0;
  uint64_t memory_mb = 0;  // where max_items is 0
};

struct ServerReplayOptions {
  ServerAddress address;
  size_t batch = 16;
  double requests_per_second = 0;  // 0: as fast as it goes
  double stall_seconds = 30;       // without any reply for so long the replay is given up
};

// Each asks the cache for the key of every request of the trace, stores a value of the request's
// size where the key is missing, and counts the outcome.

/// Against the storage engine in this process. Its clock moves with the requests, so a replay is
/// the same each time however fast it runs.
ReplayResult ReplayEngine(const EngineReplayOptions& options, Trace& trace, Tally& tally);

/// Against a textbook LRU of so many items or, where sizes differ, so many bytes: what one list
/// over all sizes would make of memory that can be divided at will.
ReplayResult ReplayLru(const LruReplayOptions& options, Trace& trace, Tally& tally);

/// Against a server, in the classic text protocol over one connection, so that the server meets
/// the requests in one order. A batch is one multi-get; the sets of its misses and the next
/// batch's multi-get are sent together. Against one request at a time this moves a set behind the
/// rest of its batch and nothing else: a key that comes again in a batch in which it was missing
/// is asked for once more after its set, and only the second answer counts.
ReplayResult ReplayServer(const ServerReplayOptions& options, Trace& trace, Tally& tally);

}  // namespace quarry::bench
