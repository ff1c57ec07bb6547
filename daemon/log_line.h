#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/base/log.h"

namespace quarry::daemon {

/// The most bytes of a text value that a log line shows.
inline constexpr size_t kMaxLoggedValueBytes = 256;

/// `message key=value key="a value with spaces"`: one line of printable ASCII, whatever the message
/// and the values hold: every byte that is not printable is written as `\xNN`. A value that is not
/// a plain word stands in quotes, where `"` and `\` are written so too; a cut value ends in `...`.
std::string FormatLogLine(std::string_view message, std::span<const LogField> fields);

}  // namespace quarry::daemon
