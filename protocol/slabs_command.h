#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/error.h"

namespace quarry::protocol {

/// What a `slabs` command asks for. A field that `kind` has no use for says nothing.
struct SlabsCommand {
  enum class Kind : uint8_t {
    kReassign,           ///< reassign <source> <destination>
    kAutomove,           ///< automove <mode>
    kAutomoveRatio,      ///< automove ratio <ratio>
    kAutomoveFreeRatio,  ///< automove freeratio <ratio>
    kAutomoveWindow,     ///< automove window <window>
  };
  static constexpr int32_t kAnyClass = -1;   ///< as `source`
  static constexpr int32_t kGlobalPool = 0;  ///< as `destination`

  Kind kind = Kind::kReassign;
  int32_t source = kAnyClass;  ///< a class id, as `stats slabs` shows it
  int32_t destination = kGlobalPool;
  uint32_t mode = 0;    ///< 0 to 2
  double ratio = 0;     ///< above 0, at most 1
  uint32_t window = 0;  ///< 3 to 1800
};

/// Reads what follows `slabs` on its line. kNone: `command` is whole; else the error to answer
/// with. Whether classes of these ids exist is not known here.
Error ParseSlabs(std::string_view arguments, SlabsCommand& command);

}  // namespace quarry::protocol
