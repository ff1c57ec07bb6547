#include "core/expiry_pages.h"

#include <algorithm>

namespace quarry::core {

/// The page's first beat at which `expiry` has come.
Expiry ExpiryPages::BeatFrom(uint32_t page, Expiry expiry) {
  const uint32_t late = (page % kBeatSec + kBeatSec - expiry % kBeatSec) % kBeatSec;
  return expiry < kNotDue - kBeatSec ? expiry + late : kNotDue - 1;
}

void ExpiryPages::SetDue(PageExpiry& page, Expiry due) {
  page.due = due;
  page.early_count = 0;
  page.early_until = 0;
  earliest_ = std::min(earliest_, due);
  round_earliest_ = std::min(round_earliest_, due);
}

void ExpiryPages::Note(uint32_t page, Expiry expiry, uint32_t quorum) {
  PageExpiry& info = arena_.info(page).expiry;
  const Expiry beat = BeatFrom(page, expiry);
  if (info.due == kNever) {
    info.position = static_cast<uint32_t>(pages_.size());
    pages_.push_back(page);
    SetDue(info, beat);
  } else if (beat < info.due) {
    info.early_until = std::max(info.early_until, beat);
    info.early_count = static_cast<uint16_t>(std::min<uint32_t>(info.early_count, UINT16_MAX - 1));
    if (++info.early_count >= quorum && info.due != kNotDue) {
      SetDue(info, info.early_until);
    }
  }
}

void ExpiryPages::Remove(uint32_t page) {
  PageExpiry& info = arena_.info(page).expiry;
  if (info.due == kNever) {
    return;
  }
  const uint32_t last = pages_.back();
  PageExpiry& moved = arena_.info(last).expiry;
  pages_[info.position] = last;
  moved.position = info.position;
  round_earliest_ = std::min(round_earliest_, moved.due);  // it may be passed now
  pages_.pop_back();
  info = {};
}

uint32_t ExpiryPages::TakeDue(Instant now) {
  for (uint32_t step = 0; step < kMaxSteps && AnyDue(now); ++step) {
    if (next_ >= pages_.size()) {
      next_ = 0;
      earliest_ = round_earliest_;
      round_earliest_ = kNotDue;
      continue;
    }
    const uint32_t page = pages_[next_++];
    PageExpiry& info = arena_.info(page).expiry;
    if (info.due <= now.floor_sec) {
      info.due = kNotDue;
      return page;
    }
    round_earliest_ = std::min(round_earliest_, info.due);
  }
  return 0;
}

void ExpiryPages::Reschedule(uint32_t page, Expiry expiry) {
  PageExpiry& info = arena_.info(page).expiry;
  // What was noted while the page was taken may be on a part of it that had been looked through.
  const Expiry noted = info.early_count > 0 ? info.early_until : kNotDue;
  const Expiry due = std::min(noted, expiry != kNever ? BeatFrom(page, expiry) : kNotDue);
  if (due == kNotDue) {
    Remove(page);
  } else {
    SetDue(info, due);
  }
}

}  // namespace quarry::core
