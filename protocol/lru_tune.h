#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/error.h"

namespace quarry::protocol {

/// What `lru tune` asks for.
struct LruTuning {
  uint32_t hot_percent = 0;  ///< of a class's items; both together at most 80
  uint32_t warm_percent = 0;
  double hot_factor = 0;  ///< of the age of the oldest item; above 0
  double warm_factor = 0;
};

/// Reads what follows `lru tune` on its line: the fields in their order. kNone: `tuning` is whole;
/// else the error to answer with.
Error ParseLruTune(std::string_view arguments, LruTuning& tuning);

}  // namespace quarry::protocol
