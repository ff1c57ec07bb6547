#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>

namespace quarry::daemon {

/// Writes `contents` to a new file beside `path`, readable by all, and renames it there: whoever
/// reads `path` sees the old contents or the new, never a part. Symbolic links are not followed.
absl::Status WriteFileByRename(const std::string& path, std::string_view contents);

}  // namespace quarry::daemon
