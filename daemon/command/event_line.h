#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "daemon/command/event_ring.h"

namespace quarry::command {

/// One line for those who watch, put together without an allocation:
///
///     ts=1700000000.123456 gid=7 type=item_get key=a%20b status=found ...
///
/// What does not fit any more is left out; a key always fits.
class EventLine {
 public:
  /// Of the event with this number, which happens now. `type` is a literal of ours.
  EventLine(uint64_t number, std::string_view type);

  uint64_t number() const { return number_; }

  EventLine& Key(std::string_view key);  ///< ` key=`, in the encoding of URIs
  EventLine& Word(std::string_view name, std::string_view word);
  EventLine& Number(std::string_view name, int64_t number);
  EventLine& Raw(std::string_view text);

  /// The line with its end.
  std::string_view Finish();

 private:
  size_t room() const { return text_.size() - size_ - 1; }  // but for the line feed

  const uint64_t number_;
  size_t size_ = 0;
  std::array<char, EventRing::kMaxLineBytes> text_{};
};

}  // namespace quarry::command
