#include "daemon/command/prefix_stats.h"

#include <functional>

#include "protocol/words.h"

namespace quarry::command {

template <typename Change>
void PrefixStats::Count(std::string_view key, Change&& change) {
  const size_t end = key.find(delimiter_);
  if (end == std::string_view::npos) {
    return;
  }
  const std::string prefix(key.substr(0, end));
  Part& part = parts_[std::hash<std::string>()(prefix) % kParts];
  const MutexLock lock(part.mutex);
  const auto found = part.counts.find(prefix);
  if (found != part.counts.end()) {
    change(found->second);
  } else if (part.counts.size() < kMaxPrefixes / kParts) {
    change(part.counts[prefix]);
  }
}

void PrefixStats::CountGet(std::string_view key, bool is_hit) {
  Count(key, [is_hit](Counts& counts) {
    ++counts.gets;
    counts.hits += is_hit ? 1U : 0U;
  });
}

void PrefixStats::CountSet(std::string_view key) {
  Count(key, [](Counts& counts) { ++counts.sets; });
}

void PrefixStats::CountDelete(std::string_view key) {
  Count(key, [](Counts& counts) { ++counts.deletes; });
}

std::string PrefixStats::Dump() const {
  std::string text;
  for (const Part& part : parts_) {
    const MutexLock lock(part.mutex);
    for (const auto& [prefix, counts] : part.counts) {
      if (prefix.find('\n') != std::string::npos) {
        continue;  // of a key that text cannot carry, and that would break the lines of others
      }
      text.append("PREFIX ").append(prefix);
      text.append(" get ").append(std::to_string(counts.gets));
      text.append(" hit ").append(std::to_string(counts.hits));
      text.append(" set ").append(std::to_string(counts.sets));
      text.append(" del ").append(std::to_string(counts.deletes)).append(protocol::kCrlf);
    }
  }
  return text.append(protocol::kEnd);
}

void PrefixStats::Clear() {
  for (Part& part : parts_) {
    const MutexLock lock(part.mutex);
    part.counts.clear();
  }
}

}  // namespace quarry::command
