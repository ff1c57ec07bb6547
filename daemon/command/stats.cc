#include "daemon/command/stats.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/error.h"
#include "protocol/tokenizer.h"
#include "protocol/words.h"

namespace quarry::command {
namespace {

WorkerTotals SumOfWorkers(const ServerContext& context) {
  WorkerTotals sum;
  for (const WorkerCounters& worker : context.workers) {
    sum.bytes_read += worker.bytes_read.load(std::memory_order_relaxed);
    sum.bytes_written += worker.bytes_written.load(std::memory_order_relaxed);
    sum.flush_cmds += worker.flush_cmds.load(std::memory_order_relaxed);
    sum.meta_cmds += worker.meta_cmds.load(std::memory_order_relaxed);
    sum.auth_cmds += worker.auth_cmds.load(std::memory_order_relaxed);
    sum.auth_errors += worker.auth_errors.load(std::memory_order_relaxed);
  }
  return sum;
}

std::string Fraction(double value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string YesNo(bool value) {
  return value ? "yes" : "no";
}

template <typename Number>
std::string Text(const std::atomic<Number>& number) {
  return std::to_string(number.load(std::memory_order_relaxed));
}

/// A setting that a command changes, and how it stands now.
struct ChangingSetting {
  std::string_view name;
  std::string (*show)(const ServerContext& context);
};

using Context = const ServerContext&;
constexpr ChangingSetting kChangingSettings[] = {
    {"verbosity",
     [](Context c) {
       return Text(c.verbosity);
     }},
    {"maxbytes",
     [](Context c) {
       return std::to_string(c.engine->memory_limit());
     }},
    {"lru_segmented",
     [](Context c) {
       return YesNo(!c.engine->flat_lru());
     }},
    {"temp_lru",
     [](Context c) {
       return YesNo(c.engine->temporary_ttl_sec().has_value());
     }},
    {"temporary_ttl",
     [](Context c) {
       return std::to_string(c.engine->temporary_ttl_sec().value_or(0));
     }},
    {"detail_enabled",
     [](Context c) {
       return YesNo(c.prefix_stats.enabled());
     }},
    {"hot_lru_pct",
     [](Context c) {
       return Text(c.lru_tuning.hot_percent);
     }},
    {"warm_lru_pct",
     [](Context c) {
       return Text(c.lru_tuning.warm_percent);
     }},
    {"hot_max_factor",
     [](Context c) {
       return Fraction(c.lru_tuning.hot_factor);
     }},
    {"warm_max_factor",
     [](Context c) {
       return Fraction(c.lru_tuning.warm_factor);
     }},
    {"lru_crawler",
     [](Context c) {
       return YesNo(c.engine->crawler().enabled());
     }},
    {"lru_crawler_sleep",
     [](Context c) {
       return std::to_string(c.engine->crawler().pause_us());
     }},
    {"lru_crawler_tocrawl",
     [](Context c) {
       return std::to_string(c.engine->crawler().item_limit());
     }},
    {"slab_automove",
     [](Context c) {
       return Text(c.automove.mode);
     }},
    {"slab_automove_ratio",
     [](Context c) {
       return Fraction(c.automove.ratio);
     }},
    {"slab_automove_freeratio",
     [](Context c) {
       return Fraction(c.automove.free_ratio);
     }},
    {"slab_automove_window",
     [](Context c) {
       return Text(c.automove.window);
     }},
};

void AddSettings(const ServerContext& context, StatLines& lines) {
  for (const auto& [name, value] : context.settings) {
    const auto* const changing = std::find_if(
        std::begin(kChangingSettings), std::end(kChangingSettings),
        [&name = name](const ChangingSetting& setting) { return setting.name == name; });
    lines.Add(name, changing == std::end(kChangingSettings) ? value : changing->show(context));
  }
}

void AddConnections(const ServerContext& context, StatLines& lines) {
  if (context.directory == nullptr) {
    return;
  }
  for (const ConnectionInfo& connection : context.directory->ListConnections()) {
    lines.SetPrefix(std::to_string(connection.descriptor) + ":");
    lines.Add("addr", connection.address);
    if (!connection.listen_address.empty()) {
      lines.Add("listen_addr", connection.listen_address);
    }
    lines.Add("state", std::string_view(connection.state));
    lines.Add("secs_since_last_cmd", connection.idle_sec);
  }
}

/// `stats detail on|off|dump`: switches the counting, if that is asked for. kNone, or what is
/// wrong.
protocol::Error SwitchDetail(std::string_view argument, ServerContext& context) {
  if (!context.dump_enabled) {
    return protocol::Error::kDetailForbidden;
  }
  if (argument == "on" || argument == "off") {
    context.prefix_stats.SetEnabled(argument == "on");
  } else if (argument != "dump") {
    return protocol::Error::kDetailUsage;
  }
  return protocol::Error::kNone;
}

/// The reply to it: in binary the whole dump is the value of one pair, and what is wrong is no
/// group.
std::optional<std::string> Detail(std::string_view argument, ServerContext& context, bool is_text,
                                  StatLines lines) {
  const protocol::Error error = SwitchDetail(argument, context);
  const bool is_dump = error == protocol::Error::kNone && argument == "dump";
  if (is_text) {
    return is_dump ? context.prefix_stats.Dump()
                   : std::string(error == protocol::Error::kNone ? protocol::kOk
                                                                 : protocol::ErrorLine(error));
  }
  if (error != protocol::Error::kNone) {
    return std::nullopt;
  }
  if (is_dump) {
    lines.Add("detailed", context.prefix_stats.Dump());
  }
  return std::move(lines).Finish();
}

void Reset(ServerContext& context) {
  context.engine->ResetStats();
  using Counters = ConnectionCounters;
  for (const auto counter :
       {&Counters::total, &Counters::rejected, &Counters::yields, &Counters::idle_kicks,
        &Counters::listen_pauses, &Counters::listen_paused_us, &Counters::tls_new_sessions,
        &Counters::tls_handshake_errors, &Counters::tls_protocol_errors}) {
    (context.connections.*counter).store(0, std::memory_order_relaxed);
  }
  context.prefix_stats.Clear();
  context.event_log.ResetTotals();
  ResetTotals(context);
}

}  // namespace

WorkerTotals TotalsSinceReset(ServerContext& context) {
  const MutexLock lock(context.totals_mutex);
  WorkerTotals totals = SumOfWorkers(context);  // no less than at a reset by somebody else
  totals.bytes_read -= context.totals_at_reset.bytes_read;
  totals.bytes_written -= context.totals_at_reset.bytes_written;
  totals.flush_cmds -= context.totals_at_reset.flush_cmds;
  totals.meta_cmds -= context.totals_at_reset.meta_cmds;
  totals.auth_cmds -= context.totals_at_reset.auth_cmds;
  totals.auth_errors -= context.totals_at_reset.auth_errors;
  return totals;
}

void ResetTotals(ServerContext& context) {
  const MutexLock lock(context.totals_mutex);
  context.totals_at_reset = SumOfWorkers(context);
}

std::optional<std::string> StatsReply(const protocol::Request& request, ServerContext& context,
                                      Instant now) {
  const bool is_text = request.dialect != protocol::Dialect::kBinary;
  protocol::Tokenizer words(request.arguments);
  const std::string_view group = words.Next();
  StatLines lines(request);
  if (group.empty()) {
    AddGeneralStats(context, now, lines);
  } else if (group == "settings") {
    AddSettings(context, lines);
  } else if (group == "items") {
    AddItemStats(context.engine->Stats(now), lines);
  } else if (group == "slabs") {
    AddSlabStats(context.engine->Stats(now), lines);
  } else if (group == "conns" && is_text) {
    AddConnections(context, lines);
  } else if (group == "sizes") {
    lines.Add("sizes_status", std::string_view("disabled"));
  } else if (group == "detail") {
    return Detail(words.Next(), context, is_text, std::move(lines));
  } else if (group == "reset") {
    Reset(context);
    if (is_text) {
      return std::string(protocol::kReset);
    }
  } else {
    return std::nullopt;
  }
  return std::move(lines).Finish();
}

}  // namespace quarry::command
