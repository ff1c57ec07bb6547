#pragma once

#include <string>

namespace quarry::daemon {

/// The path from the root on, so that it means the same once the background has changed to `/`.
/// `path` itself if it is empty, or if the system does not tell the working directory.
std::string AbsolutePath(const std::string& path);

}  // namespace quarry::daemon
