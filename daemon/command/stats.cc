#include "daemon/command/stats.h"

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "protocol/error.h"
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
  }
  return sum;
}

std::string Fraction(double value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

/// The present value of a setting that a command changes; nullopt for the others.
std::optional<std::string> PresentSetting(const ServerContext& context, std::string_view name) {
  const AutomoveSettings& automove = context.automove;
  if (name == "verbosity") {
    return std::to_string(context.verbosity.load(std::memory_order_relaxed));
  }
  if (name == "maxbytes") {
    return std::to_string(context.engine->memory_limit());
  }
  if (name == "lru_segmented") {
    return context.engine->flat_lru() ? "no" : "yes";
  }
  if (name == "temp_lru") {
    return context.engine->temporary_ttl_sec() ? "yes" : "no";
  }
  if (name == "temporary_ttl") {
    return std::to_string(context.engine->temporary_ttl_sec().value_or(0));
  }
  if (name == "slab_automove") {
    return std::to_string(automove.mode.load(std::memory_order_relaxed));
  }
  if (name == "slab_automove_ratio") {
    return Fraction(automove.ratio.load(std::memory_order_relaxed));
  }
  if (name == "slab_automove_freeratio") {
    return Fraction(automove.free_ratio.load(std::memory_order_relaxed));
  }
  if (name == "slab_automove_window") {
    return std::to_string(automove.window.load(std::memory_order_relaxed));
  }
  return std::nullopt;
}

void AddSettings(const ServerContext& context, StatLines& lines) {
  for (const auto& [name, value] : context.settings) {
    lines.Add(name, PresentSetting(context, name).value_or(value));
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

void Reset(ServerContext& context) {
  context.engine->ResetStats();
  context.connections.total.store(0, std::memory_order_relaxed);
  context.connections.rejected.store(0, std::memory_order_relaxed);
  context.connections.yields.store(0, std::memory_order_relaxed);
  ResetTotals(context);
}

std::string_view FirstWord(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(begin);
  return text.substr(0, text.find_first_of(" \r\n"));
}

}  // namespace

WorkerTotals TotalsSinceReset(ServerContext& context) {
  WorkerTotals totals = SumOfWorkers(context);
  const MutexLock lock(context.totals_mutex);
  totals.bytes_read -= context.totals_at_reset.bytes_read;
  totals.bytes_written -= context.totals_at_reset.bytes_written;
  totals.flush_cmds -= context.totals_at_reset.flush_cmds;
  totals.meta_cmds -= context.totals_at_reset.meta_cmds;
  return totals;
}

void ResetTotals(ServerContext& context) {
  const MutexLock lock(context.totals_mutex);
  context.totals_at_reset = SumOfWorkers(context);
}

std::string StatsReply(std::string_view arguments, ServerContext& context, Instant now) {
  const std::string_view group = FirstWord(arguments);
  StatLines lines;
  if (group.empty()) {
    AddGeneralStats(context, now, lines);
  } else if (group == "settings") {
    AddSettings(context, lines);
  } else if (group == "items") {
    AddItemStats(context.engine->Stats(now), lines);
  } else if (group == "slabs") {
    AddSlabStats(context.engine->Stats(now), lines);
  } else if (group == "conns") {
    AddConnections(context, lines);
  } else if (group == "sizes") {
    lines.Add("sizes_status", std::string_view("disabled"));
  } else if (group == "reset") {
    Reset(context);
    return std::string(protocol::kReset);
  } else {
    return std::string(protocol::ErrorLine(protocol::Error::kUnknownCommand));
  }
  return std::move(lines).Finish();
}

}  // namespace quarry::command
