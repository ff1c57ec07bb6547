#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/engine_stats.h"
#include "daemon/command/server_status.h"
#include "daemon/command/stat_lines.h"
#include "protocol/request.h"

namespace quarry::command {

/// The compatibility level that clients are told: digits and dots only, since they parse it.
inline constexpr std::string_view kCompatibleVersion = "1.6.45";

/// Carries out a request for stats, whose arguments name a group, and returns the whole reply in
/// its dialect; nullopt when there is no such group.
std::optional<std::string> StatsReply(const protocol::Request& request, ServerContext& context,
                                      Instant now);

/// The lines of `stats` without arguments.
void AddGeneralStats(ServerContext& context, Instant now, StatLines& lines);
/// The lines of `stats items` and of `stats slabs`.
void AddItemStats(const core::EngineStats& engine, StatLines& lines);
void AddSlabStats(const core::EngineStats& engine, StatLines& lines);

/// Sums the workers' counters since the last reset; ResetTotals makes them start at 0 again.
WorkerTotals TotalsSinceReset(ServerContext& context);
void ResetTotals(ServerContext& context);

}  // namespace quarry::command
