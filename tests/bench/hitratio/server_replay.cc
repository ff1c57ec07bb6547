#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

#include "tests/bench/hitratio/replay.h"
#include "tests/bench/hitratio/server_link.h"
#include "tests/bench/stats_client.h"

namespace quarry::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Waits, without sleeping, until the request of this number is due.
class Pace {
 public:
  /// 0 requests a second: everything is due at once.
  explicit Pace(double requests_per_second) : rate_(requests_per_second) {}

  void WaitFor(uint64_t request_number) const {
    if (rate_ <= 0) {
      return;
    }
    const std::chrono::duration<double> due(static_cast<double>(request_number) / rate_);
    while (SteadyClock::now() - start_ < due) {
    }
  }

 private:
  const double rate_;
  const SteadyClock::time_point start_ = SteadyClock::now();
};

/// Takes requests from the trace and, before those, requests that have to be repeated.
class RequestQueue {
 public:
  explicit RequestQueue(Trace& trace) : trace_(trace) {}

  bool Next(BatchedRequest* batched) {
    if (!repeated_.empty()) {
      *batched = std::move(repeated_.front());
      repeated_.pop_front();
      return true;
    }
    TraceRequest request;
    if (!trace_.Next(&request)) {
      return false;
    }
    ++taken_;
    batched->key = request.key;
    batched->value_bytes = request.value_bytes;
    batched->phase = request.phase;
    batched->hit = false;
    return true;
  }

  void Repeat(BatchedRequest batched) { repeated_.push_back(std::move(batched)); }

  uint64_t taken() const { return taken_; }

 private:
  Trace& trace_;
  std::deque<BatchedRequest> repeated_;
  uint64_t taken_ = 0;
};

/// Counts the answers to a batch. Returns the requests whose values are to be set now.
std::vector<BatchedRequest> Settle(std::vector<BatchedRequest> batch, RequestQueue& queue,
                                   Tally& tally) {
  std::vector<BatchedRequest> missed;
  for (BatchedRequest& request : batch) {
    const bool set_already = !request.hit && std::any_of(missed.begin(), missed.end(),
                                                         [&](const BatchedRequest& earlier) {
                                                           return earlier.key == request.key;
                                                         });
    if (set_already) {
      queue.Repeat(std::move(request));
      continue;
    }
    tally.Record(request.phase, request.value_bytes, request.hit);
    if (!request.hit) {
      missed.push_back(std::move(request));
    }
  }
  return missed;
}

}  // namespace

ReplayResult ReplayServer(const ServerReplayOptions& options, Trace& trace, Tally& tally) {
  ReplayResult result;
  ServerLink link(options.stall_seconds);
  result.failure = link.Open(options.address);
  RequestQueue queue(trace);
  const Pace pace(options.requests_per_second);
  std::vector<BatchedRequest> missed;
  while (result.failure.empty()) {
    std::vector<BatchedRequest> batch;
    BatchedRequest request;
    while (batch.size() < options.batch && queue.Next(&request)) {
      batch.push_back(std::move(request));
    }
    if (batch.empty() && missed.empty()) {
      result.failure = trace.error();
      break;
    }
    pace.WaitFor(queue.taken());
    result.failure = link.Exchange(missed, &batch);
    if (result.failure.empty()) {
      missed = Settle(std::move(batch), queue, tally);
    }
  }
  result.refused_sets = link.refused_sets();
  result.error_texts = link.error_texts();
  if (result.failure.empty()) {
    const auto items = ReadStat(options.address, "curr_items", &result.failure);
    result.items = items.value_or(0);
  }
  return result;
}

}  // namespace quarry::bench
