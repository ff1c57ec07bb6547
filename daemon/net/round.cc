#include "daemon/net/round.h"

#include "daemon/net/connection.h"

namespace quarry::net {

void Round::Finish() {
  batch_.PrefetchItems();
  const std::span<RoundPart> parts = std::span(parts_).first(part_count_);
  size_t left_count = 0;
  for (RoundPart& part : parts) {
    if (part.requests.empty() || !part.connection->Answer(part)) {
      parts_[left_count++] = part;
    }
  }
  // A turn of one connection needs the batch for itself.
  for (const RoundPart& part : parts.first(left_count)) {
    part.connection->GoOn(part);
  }
  part_count_ = 0;
  slot_bytes_ = 0;
}

}  // namespace quarry::net
