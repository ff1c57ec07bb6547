#include "daemon/tuning_options.h"

#include <limits>
#include <optional>
#include <utility>

#include "core/base/numbers.h"
#include "protocol/crawler_command.h"

namespace quarry::daemon {
namespace {

constexpr uint32_t kMaxPercent = 79;
constexpr uint32_t kMaxPercentTogether = 80;
constexpr DecimalRange kRatio = {.above = 0, .max = 1};
constexpr DecimalRange kFactor = {.above = 0, .max = std::numeric_limits<double>::infinity()};

/// Without a value it is 1, as in memcached.
OptionSpec AutomoveOption() {
  OptionSpec spec =
      NumberOption({'\0', "slab_automove", "whether pages move to where they bring more hits", ""},
                   &Options::automove_mode, {0, 2});
  spec.spelling.argument = Argument::kOptional;
  spec.takes = "0: no, 1 or 2: yes";
  spec.apply = [apply = spec.apply](const std::string& value, Options& options) {
    return apply(value.empty() ? "1" : value, options);
  };
  return spec;
}

OptionSpec NoAutomoveOption() {
  OptionSpec spec = GrantedOption({'\0', "no_slab_automove", Argument::kNone});
  spec.help = "as slab_automove=0";
  spec.apply = [](const std::string& /*value*/, Options& options) {
    options.automove_mode = 0;
    return absl::OkStatus();
  };
  return spec;
}

OptionSpec TemporaryTtlOption() {
  OptionSpec spec;
  spec.spelling = {'\0', "temporary_ttl", Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = "<num>";
  spec.help = "items with at most so many seconds to live are kept apart, as lru temp_ttl has it";
  spec.takes = "seconds, -1: none are";
  spec.apply = [takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<int32_t> sec = ParseI32(value);
    if (!sec) {
      return Takes(takes);
    }
    options.temporary_ttl_sec =
        *sec < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(*sec));
    return absl::OkStatus();
  };
  return spec;
}

/// The four of `lru tune`: who gives one has memcached's defaults for the others.
OptionSpec OfLruTune(OptionSpec spec) {
  spec.apply = [apply = std::move(spec.apply)](const std::string& value, Options& options) {
    options.lru_tuned = true;
    return apply(value, options);
  };
  spec.help = "shown in stats settings and nothing else, as what lru tune sets";
  return spec;
}

/// The defaults of memcached 1.4, as far as there is something here that they can set.
OptionSpec NoModernOption() {
  OptionSpec spec = GrantedOption({'\0', "no_modern", Argument::kNone});
  spec.help =
      "no_slab_reassign, no_slab_automove, no_maxconns_fast, no_lru_crawler and "
      "no_lru_maintainer";
  spec.apply = [](const std::string& /*value*/, Options& options) {
    options.slab_reassign = false;
    options.automove_mode = 0;
    options.reject_beyond_limit = false;
    options.crawler_enabled = false;
    options.flat_lru = true;
    return absl::OkStatus();
  };
  return spec;
}

}  // namespace

std::vector<OptionSpec> TuningSubOptions() {
  return {
      FlagOption({'\0', "slab_reassign", "undo no_slab_reassign (default)", ""},
                 &Options::slab_reassign, true),
      FlagOption(
          {'\0', "no_slab_reassign", "pages do not move by themselves, as slab_automove=0", ""},
          &Options::slab_reassign, false),
      AutomoveOption(),
      NoAutomoveOption(),
      DecimalOption({'\0', "slab_automove_ratio", "as slabs automove ratio", ""},
                    &Options::automove_ratio, kRatio),
      DecimalOption({'\0', "slab_automove_freeratio", "as slabs automove freeratio", ""},
                    &Options::automove_free_ratio, kRatio),
      NumberOption({'\0', "slab_automove_window", "as slabs automove window", ""},
                   &Options::automove_window, {3, 1800}),
      FlagOption({'\0', "lru_crawler", "undo no_lru_crawler (default)", ""},
                 &Options::crawler_enabled, true),
      FlagOption({'\0', "no_lru_crawler", "as lru_crawler disable", ""}, &Options::crawler_enabled,
                 false),
      NumberOption({'\0', "lru_crawler_sleep", "microseconds, as lru_crawler sleep", ""},
                   &Options::crawler_pause_us, {0, protocol::CrawlerCommand::kMaxPauseUs}),
      NumberOption({'\0', "lru_crawler_tocrawl", "items, as lru_crawler tocrawl", ""},
                   &Options::crawler_item_limit, {0, std::numeric_limits<uint32_t>::max()}),
      FlagOption({'\0', "lru_maintainer", "undo no_lru_maintainer (default)", ""},
                 &Options::flat_lru, false),
      FlagOption({'\0', "no_lru_maintainer", "plain LRU, as lru mode flat", ""}, &Options::flat_lru,
                 true),
      OfLruTune(
          NumberOption({'\0', "hot_lru_pct", "", ""}, &Options::hot_lru_percent, {1, kMaxPercent})),
      OfLruTune(NumberOption({'\0', "warm_lru_pct", "", ""}, &Options::warm_lru_percent,
                             {1, kMaxPercent})),
      OfLruTune(DecimalOption({'\0', "hot_max_factor", "", ""}, &Options::hot_max_factor, kFactor)),
      OfLruTune(
          DecimalOption({'\0', "warm_max_factor", "", ""}, &Options::warm_max_factor, kFactor)),
      TemporaryTtlOption(),
      NoModernOption(),
  };
}

std::string TuningContradiction(const Options& options) {
  if (options.lru_tuned &&
      options.hot_lru_percent + options.warm_lru_percent > kMaxPercentTogether) {
    return "hot_lru_pct and warm_lru_pct (default 40) must not exceed 80 together";
  }
  if (options.temporary_ttl_sec && options.flat_lru) {
    return "temporary_ttl means nothing in plain LRU (no_lru_maintainer, no_modern)";
  }
  return "";
}

void SetTuning(const Options& options, core::Engine& engine, command::ServerContext& context) {
  const uint32_t automove_mode = options.slab_reassign ? options.automove_mode : 0;
  context.automove.mode = automove_mode;
  context.automove.ratio = options.automove_ratio;
  context.automove.free_ratio = options.automove_free_ratio;
  context.automove.window = options.automove_window;
  engine.SetRebalancing(automove_mode != 0);
  if (options.lru_tuned) {
    context.lru_tuning.hot_percent = options.hot_lru_percent;
    context.lru_tuning.warm_percent = options.warm_lru_percent;
    context.lru_tuning.hot_factor = options.hot_max_factor;
    context.lru_tuning.warm_factor = options.warm_max_factor;
  }
  engine.SetFlatLru(options.flat_lru);
  engine.SetTemporaryTtl(options.temporary_ttl_sec);
  engine.crawler().SetEnabled(options.crawler_enabled);
  engine.crawler().SetPauseUs(options.crawler_pause_us);
  engine.crawler().SetItemLimit(options.crawler_item_limit);
}

}  // namespace quarry::daemon
