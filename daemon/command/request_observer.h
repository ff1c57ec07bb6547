#pragma once

#include "core/listing.h"
#include "core/operations.h"
#include "daemon/command/event_log.h"
#include "daemon/command/prefix_stats.h"

namespace quarry::command {

struct Call;
struct ServerContext;

/// Tells what requests do to those who want to know: clients that watch, and the statistics by
/// prefix. One for each executor, on its thread; asked for nothing while nobody wants to know.
///
/// What an item was before a request is found by a look-up of its own, which counts nothing:
/// another worker's request that comes between the two can make a line untrue, and nothing else.
class RequestObserver {
 public:
  /// `context` outlives the observer.
  explicit RequestObserver(ServerContext& context);

  /// True when anybody wants to know: two relaxed loads.
  bool IsWanted() const { return event_log_.watched_classes() != 0 || prefix_stats_.enabled(); }

  /// The ring of the executor's thread.
  EventRing& ring() { return ring_; }

  /// Before the request of `call` is carried out.
  void Begin(const Call& call);

  // Afterwards, one of these.
  void Fetched(const Call& call, bool is_hit);  ///< kGet
  void Used(const Call& call);                  ///< kTouch, kArithmetic, kInspect
  void Stored(const Call& call, core::StoreOutcome outcome);
  void Deleted(const Call& call, core::DeleteOutcome outcome);
  /// Behind Used: arithmetic has added an item, as an add would have.
  void Created(const Call& call);

 private:
  /// What there was of the key.
  struct Before {
    core::Presence presence = core::Presence::kAbsent;
    uint32_t class_id = 0;
    uint64_t value_bytes = 0;
  };

  void TellFetch(const Call& call);
  void TellStore(const Call& call, core::StoreOutcome outcome);

  ServerContext& context_;
  const EventLog& event_log_;  // the context's, as is the next
  const PrefixStats& prefix_stats_;
  EventRing& ring_;
  Before before_;
};

}  // namespace quarry::command
