#include "daemon/size.h"

#include <array>
#include <limits>

#include <absl/strings/str_cat.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

struct Suffix {
  char letter;
  char capital;
  uint64_t unit_bytes;
};

// From the largest, so that FormatSize finds the shortest text first.
constexpr std::array<Suffix, 3> kSuffixes = {
    {{'g', 'G', kGibibyte}, {'m', 'M', kMebibyte}, {'k', 'K', kKibibyte}}};

}  // namespace

std::optional<uint64_t> ParseSize(std::string_view text, uint64_t plain_unit_bytes) {
  uint64_t unit_bytes = plain_unit_bytes;
  for (const Suffix& suffix : kSuffixes) {
    if (!text.empty() && (text.back() == suffix.letter || text.back() == suffix.capital)) {
      unit_bytes = suffix.unit_bytes;
      text.remove_suffix(1);
      break;
    }
  }
  const std::optional<uint64_t> count = ParseU64(text);
  if (!count || *count > std::numeric_limits<uint64_t>::max() / unit_bytes) {
    return std::nullopt;
  }
  return *count * unit_bytes;
}

std::optional<uint32_t> ParsePercent(std::string_view text) {
  if (text.empty() || text.back() != '%') {
    return std::nullopt;
  }
  text.remove_suffix(1);
  const std::optional<uint32_t> percent = ParseU32(text);
  if (!percent || *percent < 1 || *percent > 100) {
    return std::nullopt;
  }
  return percent;
}

std::string FormatSize(uint64_t bytes) {
  for (const Suffix& suffix : kSuffixes) {
    if (bytes != 0 && bytes % suffix.unit_bytes == 0) {
      return absl::StrCat(bytes / suffix.unit_bytes, std::string(1, suffix.letter));
    }
  }
  return absl::StrCat(bytes);
}

}  // namespace quarry::daemon
