#include "daemon/machine_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include "core/base/numbers.h"
#include "daemon/size.h"

namespace quarry::daemon {
namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

/// MemTotal of /proc/meminfo: "MemTotal:       16314036 kB".
std::optional<uint64_t> TotalMemory(const std::string& root) {
  std::ifstream file(root + "/proc/meminfo");
  std::string name;
  std::string kibibytes;
  while (file >> name >> kibibytes) {
    if (name == "MemTotal:") {
      const std::optional<uint64_t> count = ParseU64(kibibytes);
      return count ? std::optional(*count * kKibibyte) : std::nullopt;
    }
    std::getline(file, name);
  }
  return std::nullopt;
}

/// A limit file holds a number or, for none, "max" (version 2) or a number beyond all memory
/// (version 1).
uint64_t ReadLimit(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  return ParseU64(text).value_or(kUnlimited);
}

/// The smallest limit of a group and of those around it. Inside a container the path may name
/// groups that are not mounted; their files are missing and limit nothing, and the walk ends at the
/// mount.
uint64_t GroupLimit(const std::string& mount, std::string group, const char* file_name) {
  uint64_t limit = kUnlimited;
  for (;;) {
    limit = std::min(limit, ReadLimit(absl::StrCat(mount, group, "/", file_name)));
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos) {
      return limit;
    }
    group.resize(slash);
  }
}

/// /proc/self/cgroup has lines "0::/group" (version 2) and "4:memory:/group" (version 1).
uint64_t CgroupLimit(const std::string& root) {
  const std::string mount = root + "/sys/fs/cgroup";
  std::ifstream file(root + "/proc/self/cgroup");
  uint64_t limit = kUnlimited;
  std::string line;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) {
      continue;
    }
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    if (fields[1].empty()) {
      limit = std::min(limit, GroupLimit(mount, fields[2], "memory.max"));
    } else if (std::find(controllers.begin(), controllers.end(), "memory") != controllers.end()) {
      limit = std::min(limit, GroupLimit(mount + "/memory", fields[2], "memory.limit_in_bytes"));
    }
  }
  return limit;
}

}  // namespace

uint64_t MachineMemoryBytes(const std::string& root) {
  const std::optional<uint64_t> total = TotalMemory(root);
  return total ? std::min(*total, CgroupLimit(root)) : 0;
}

}  // namespace quarry::daemon
