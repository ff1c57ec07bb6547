#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>

#include "core/base/mutex.h"

namespace quarry::command {

/// What requests do to the keys of each prefix: the part of a key before its first delimiter. Keys
/// without one are not counted. Safe on any thread; counting takes a lock that others who count
/// rarely hold, and costs nothing while it is off.
class PrefixStats {
 public:
  /// So many prefixes are counted; what comes beyond is not, so that no client can fill the memory.
  static constexpr size_t kMaxPrefixes = 2048;

  /// Before the first thread that counts.
  void SetDelimiter(char delimiter) { delimiter_ = delimiter; }
  void SetEnabled(bool enabled) { enabled_.store(enabled, std::memory_order_relaxed); }
  /// Relaxed: a request more or less around a change does not matter.
  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }

  void CountGet(std::string_view key, bool is_hit);
  void CountSet(std::string_view key);
  void CountDelete(std::string_view key);

  /// `PREFIX <prefix> get <n> hit <n> set <n> del <n>` for each, and END.
  std::string Dump() const;
  void Clear();

 private:
  struct Counts {
    uint64_t gets = 0;
    uint64_t hits = 0;
    uint64_t sets = 0;
    uint64_t deletes = 0;
  };
  /// A part of the prefixes, by their hashes.
  struct Part {
    mutable Mutex mutex;
    absl::flat_hash_map<std::string, Counts> counts ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kParts = 16;

  template <typename Change>
  void Count(std::string_view key, Change&& change);

  char delimiter_ = ':';
  std::atomic<bool> enabled_{false};
  std::array<Part, kParts> parts_;
};

}  // namespace quarry::command
