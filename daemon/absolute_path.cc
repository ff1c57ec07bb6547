#include "daemon/absolute_path.h"

#include <filesystem>
#include <system_error>

namespace quarry::daemon {

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return path.empty() || error ? path : absolute.string();
}

}  // namespace quarry::daemon
