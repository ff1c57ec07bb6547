#include "tests/bench/hitratio/lru_cache.h"
#include "tests/bench/hitratio/replay.h"

namespace quarry::bench {

ReplayResult ReplayLru(uint64_t max_items, Trace& trace, Tally& tally) {
  LruCache cache(static_cast<uint32_t>(max_items));
  TraceRequest request;
  while (trace.Next(&request)) {
    tally.Record(request.phase, request.value_bytes, cache.Use(request.key_number));
  }
  ReplayResult result;
  result.failure = trace.error();
  result.items = cache.item_count();
  return result;
}

}  // namespace quarry::bench
