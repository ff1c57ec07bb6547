#include "daemon/command/event_log.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace quarry::command {

void EventLog::SetSizes(const Sizes& sizes) {
  static_assert(sizeof(EventHeader) + EventRing::kMaxLineBytes <= Sizes::kMinBytes);
  QUARRY_CHECK(std::min(sizes.ring_bytes, sizes.watcher_bytes) >= Sizes::kMinBytes);
  sizes_ = sizes;
  shared_ring_ = std::make_unique<EventRing>(sizes.ring_bytes);
}

EventRing& EventLog::AddRing() {
  const MutexLock lock(mutex_);
  return rings_.emplace_back(sizes_.ring_bytes);
}

void EventLog::TellSystemEvent(std::string_view type, std::string_view fields) {
  if (IsWatched(kSystemEvents)) {
    EventLine line = NewLine(type);
    line.Raw(" ").Raw(fields);
    Write(*shared_ring_, kSystemEvents, line);
  }
}

void EventLog::OnEviction(const core::Listing& item, uint32_t ttl_sec) {
  EventLine line = NewLine("eviction");
  line.Key(item.item.key).Word("fetch", item.fetched ? "yes" : "no");
  line.Number("ttl", item.item.expiry == kNever ? -1 : int64_t{ttl_sec});
  line.Number("la", item.idle_sec).Number("clsid", item.item.class_id);
  line.Number("size", static_cast<int64_t>(item.item.value_bytes));
  Write(*shared_ring_, kEvictions, line);
}

std::shared_ptr<Watcher> EventLog::AddWatcher(uint32_t classes, std::function<void()> wake) {
  const MutexLock lock(mutex_);
  if (watchers_.size() >= kMaxWatchers) {
    return nullptr;
  }
  watchers_.push_back(std::make_shared<Watcher>(classes,
                                                last_number_.load(std::memory_order_relaxed),
                                                sizes_.watcher_bytes, std::move(wake)));
  NoteWatchers();
  if (watchers_.size() == 1 && begin_) {
    begin_();
  }
  return watchers_.back();
}

void EventLog::RemoveWatcher(const std::shared_ptr<Watcher>& watcher) {
  watcher->Close();
  const MutexLock lock(mutex_);
  watchers_.erase(std::remove(watchers_.begin(), watchers_.end(), watcher), watchers_.end());
  NoteWatchers();
}

void EventLog::NoteWatchers() {
  uint32_t classes = 0;
  for (const auto& watcher : watchers_) {
    classes |= watcher->classes();
  }
  watched_.store(classes, std::memory_order_relaxed);
  watcher_count_.store(watchers_.size(), std::memory_order_relaxed);
  SetWanted((classes & kEvictions) != 0);
}

void EventLog::OnFirstWatcher(std::function<void()> begin) {
  const MutexLock lock(mutex_);
  begin_ = std::move(begin);
}

void EventLog::Collect() {
  std::vector<std::shared_ptr<Watcher>> watchers;
  std::vector<EventRing*> rings = {shared_ring_.get()};
  {
    const MutexLock lock(mutex_);
    watchers = watchers_;
    for (EventRing& ring : rings_) {
      rings.push_back(&ring);
    }
  }
  for (EventRing* ring : rings) {
    Deliver(*ring, watchers);
  }
}

void EventLog::Deliver(EventRing& ring, const std::vector<std::shared_ptr<Watcher>>& watchers) {
  ring.Drain([this, &watchers](const EventHeader& header, std::string_view line) {
    for (const auto& watcher : watchers) {
      if (watcher->Wants(header.event_class, header.number)) {
        (watcher->Offer(line) ? sent_ : skipped_).fetch_add(1, std::memory_order_relaxed);
      }
    }
  });
}

EventLog::Totals EventLog::TotalsSinceStart() const {
  Totals totals{.worker_dropped = shared_ring_->dropped_lines(),
                .worker_written = shared_ring_->written_lines(),
                .watcher_skipped = skipped_.load(std::memory_order_relaxed),
                .watcher_sent = sent_.load(std::memory_order_relaxed)};
  for (const EventRing& ring : rings_) {
    totals.worker_dropped += ring.dropped_lines();
    totals.worker_written += ring.written_lines();
  }
  return totals;
}

EventLog::Totals EventLog::totals() const {
  const MutexLock lock(mutex_);
  Totals totals = TotalsSinceStart();
  totals.worker_dropped -= at_reset_.worker_dropped;
  totals.worker_written -= at_reset_.worker_written;
  totals.watcher_skipped -= at_reset_.watcher_skipped;
  totals.watcher_sent -= at_reset_.watcher_sent;
  return totals;
}

void EventLog::ResetTotals() {
  const MutexLock lock(mutex_);
  at_reset_ = TotalsSinceStart();
}

}  // namespace quarry::command
