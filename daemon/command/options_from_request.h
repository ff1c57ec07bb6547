#pragma once

#include <cstdint>

#include "core/base/clock.h"
#include "core/operations.h"
#include "protocol/request.h"

namespace quarry::command {

/// The moment at which a batch is executed, and the wall clock that absolute wire times refer to.
struct Moment {
  Instant now;
  const Clock& clock;
};

/// The end that a wire time means: 0 is never, up to 30 days count from now, more is a unix time.
/// What is negative, past, or before the start of the process has expired already.
Expiry ExpiryFromWire(int64_t exptime, Moment moment);

/// What the engine is asked for by a request of the operation in the name (kGet, kTouch and
/// kInspect; kStore; kDelete; kArithmetic).
core::GetOptions GetOptionsOf(const protocol::Request& request, Moment moment);
core::StoreOptions StoreOptionsOf(const protocol::Request& request, Moment moment);
core::DeleteOptions DeleteOptionsOf(const protocol::Request& request, Moment moment);
core::ArithmeticOptions ArithmeticOptionsOf(const protocol::Request& request, Moment moment);

core::StoreMode ModeOf(const protocol::Request& request);

}  // namespace quarry::command
