#include "daemon/cache_options.h"

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
  OptionSpec spec =
      DecimalOption({'f', "slab-growth-factor", "growth of chunks from one slab class to the next",
                     "growth_factor"},
                    &Options::growth_factor, {.above = 1, .max = 16});
  spec.show = [](const Options& options) {
    return absl::StrFormat("%.2f", options.growth_factor);
  };
  spec.default_text = spec.show(Options{});
  return spec;
}

}  // namespace quarry::daemon
