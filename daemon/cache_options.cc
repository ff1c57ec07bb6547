#include "daemon/cache_options.h"

#include <charconv>
#include <optional>
#include <string>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "core/engine.h"
#include "daemon/size.h"

namespace quarry::daemon {

static_assert(kMinMemoryBytes >= core::EngineOptions::kMinMemoryBytes &&
              kMaxMemoryBytes <= core::EngineOptions::kMaxMemoryBytes);
static_assert(kMinItemLimitBytes >= core::EngineOptions::kMinItemLimitBytes &&
              kMaxItemLimitBytes <= core::EngineOptions::kMaxItemLimitBytes);

OptionSpec MemoryOption(uint64_t machine_memory_bytes) {
  OptionSpec spec;
  spec.spelling = {'m', "memory-limit", Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = "<size>";
  spec.help = "memory for items, their index and buffers";
  spec.takes = absl::StrCat("megabytes, or with k, m or g, ", FormatSize(kMinMemoryBytes), " to ",
                            FormatSize(kMaxMemoryBytes), ", or a share as 75%");
  spec.default_text = FormatSize(Options{}.memory_bytes);
  spec.apply = [machine_memory_bytes, takes = spec.takes](const std::string& value,
                                                          Options& options) {
    std::optional<uint64_t> bytes = ParseSize(value, kMebibyte);
    if (const std::optional<uint32_t> percent = ParsePercent(value)) {
      if (machine_memory_bytes == 0) {
        return absl::InvalidArgumentError(
            "the memory of this machine cannot be told, give the limit in megabytes");
      }
      // In whole megabytes, as memcached shows its limit.
      bytes = machine_memory_bytes / 100 * *percent / kMebibyte * kMebibyte;
    }
    if (!bytes || *bytes < kMinMemoryBytes || *bytes > kMaxMemoryBytes) {
      return Takes(takes);
    }
    options.memory_bytes = *bytes;
    return absl::OkStatus();
  };
  spec.setting = "maxbytes";
  spec.show = [](const Options& options) {
    return absl::StrCat(options.memory_bytes);
  };
  return spec;
}

OptionSpec ItemLimitOption() {
  OptionSpec spec;
  spec.spelling = {'I', "max-item-size", Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = "<size>";
  spec.help = "the largest item, key and 59 bytes included";
  spec.takes = absl::StrCat("bytes, or with k or m, ", FormatSize(kMinItemLimitBytes), " to ",
                            FormatSize(kMaxItemLimitBytes), ", at most half of -m");
  spec.default_text = FormatSize(Options{}.max_item_bytes);
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<uint64_t> bytes = ParseSize(value, 1);
    if (!bytes) {
      return Takes(takes);
    }
    if (*bytes < kMinItemLimitBytes || *bytes > kMaxItemLimitBytes) {
      return absl::OutOfRangeError(absl::StrCat("it takes ", takes));
    }
    options.max_item_bytes = *bytes;
    return absl::OkStatus();
  };
  spec.setting = "item_size_max";
  spec.show = [](const Options& options) {
    return absl::StrCat(options.max_item_bytes);
  };
  return spec;
}

OptionSpec GrowthFactorOption() {
  static constexpr double kMaxFactor = 16;
  OptionSpec spec;
  spec.spelling = {'f', "slab-growth-factor", Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = "<factor>";
  spec.help = "growth of chunks from one slab class to the next";
  spec.takes = absl::StrCat("a number above 1, at most ", kMaxFactor);
  spec.show = [](const Options& options) {
    return absl::StrFormat("%.2f", options.growth_factor);
  };
  spec.default_text = spec.show(Options{});
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    double factor = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, factor, std::chars_format::fixed);
    // Written so that not-a-number, which from_chars knows, is refused.
    const bool in_range = factor > 1 && factor <= kMaxFactor;
    if (error != std::errc{} || stop != end || !in_range) {
      return Takes(takes);
    }
    options.growth_factor = factor;
    return absl::OkStatus();
  };
  spec.setting = "growth_factor";
  return spec;
}

}  // namespace quarry::daemon
