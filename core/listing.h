#pragma once

#include <cstdint>

#include <absl/functional/function_ref.h>

#include "core/operations.h"

namespace quarry::core {

/// An item as those see it who list items: unlike a Get, this counts nothing and changes nothing.
struct Listing {
  ItemView item;  ///< without its value, of which only the length is told
  uint32_t idle_sec = 0;
  bool fetched = false;
};

/// What there is of a key.
enum class Presence : uint8_t {
  kAbsent,
  kFlushed,  ///< it is there still, but nobody will ever find it
  kExpired,  ///< likewise
  kLive,
};

/// Takes one item, under its shard's lock: it must not allocate, block or call the engine. False
/// when it cannot take it; the walk then stands before that item.
using ListingVisitor = absl::FunctionRef<bool(const Listing&)>;

/// Where a walk over all items stands. A new one is at the beginning.
struct WalkPosition {
  uint32_t shard_index = 0;
  uint64_t place = 0;  ///< see Index::PlaceOf: items from here on are still to come
};

}  // namespace quarry::core
