#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "core/base/check.h"
#include "daemon/command/batch.h"
#include "daemon/net/input.h"

namespace quarry::net {

class Connection;

/// What one connection brings to a round.
struct RoundPart {
  Connection* connection = nullptr;
  std::string_view input;          ///< what was read, and is not done with
  command::Batch::Range requests;  ///< all that the input has, or none where it needs a turn alone
  bool may_read = false;           ///< more may have come, or the end has
  size_t spent_bytes = 0;          ///< what was read and sent for it
};

/// A turn of several connections that became ready together and ask little: what each has sent is
/// read and parsed, and only then all is executed and answered. So the memory that a request will
/// touch is on its way while others are read, and the processor's caches hold what the system needs
/// to receive, and then what it needs to send, instead of either by turns.
///
///     ready sockets --- one read each ---> slots --- parse ---> one batch
///                   <-- one send each --- replies <-- execute ----'
///
/// Belongs to its worker's thread. Between rounds it is empty.
class Round {
 public:
  /// The parts' requests are in `batch`, which is others' between rounds.
  explicit Round(command::Batch& batch) : batch_(batch) {}

  command::Batch& batch() { return batch_; }

  /// Begins one more part, and with the first the round, whose batch is empty then. False where the
  /// others are to be finished first.
  bool BeginPart() {
    if (part_count_ == 0) {
      batch_.Clear();
    }
    return !batch_.full() && part_count_ < parts_.size() &&
           slots_.size() - slot_bytes_ >= ReadBuffer::kBytes;
  }

  /// Where the next connection reads into, and what it has read there.
  std::span<char> Room() { return std::span(slots_).subspan(slot_bytes_, ReadBuffer::kBytes); }
  std::string_view Fill(size_t bytes) {
    const std::string_view input(slots_.data() + slot_bytes_, bytes);
    slot_bytes_ += bytes;
    return input;
  }

  void Add(const RoundPart& part) {
    QUARRY_CHECK(part_count_ < parts_.size());
    parts_[part_count_++] = part;
  }

  /// Answers all parts.
  void Finish();

 private:
  /// As much as a read buffer for the last, and before it some of the longest plain sets.
  static constexpr size_t kSlotBytes = 4 * ReadBuffer::kBytes;
  /// With 8 requests cost as little as with 32, and the first waits for all.
  static constexpr size_t kMaxParts = 16;

  command::Batch& batch_;
  std::array<char, kSlotBytes> slots_ = {};
  std::array<RoundPart, kMaxParts> parts_ = {};
  size_t slot_bytes_ = 0;
  size_t part_count_ = 0;
};

}  // namespace quarry::net
