#include "tests/bench/hitratio/lru_cache.h"
#include "tests/bench/hitratio/replay.h"

namespace quarry::bench {

ReplayResult ReplayLru(const LruReplayOptions& options, Trace& trace, Tally& tally) {
  LruCache cache(options.max_items > 0 ? options.max_items : options.memory_mb << 20);
  TraceRequest request;
  while (trace.Next(&request)) {
    const uint64_t cost = options.max_items > 0 ? 1
                                                : request.key.size() + request.value_bytes +
                                                      LruReplayOptions::kItemOverheadBytes;
    tally.Record(request.phase, request.value_bytes, cache.Use(request.key_number, cost));
  }
  ReplayResult result;
  result.failure = trace.error();
  result.items = cache.item_count();
  return result;
}

}  // namespace quarry::bench
