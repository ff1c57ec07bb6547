#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/command/stats.h"

namespace quarry::command {

using core::ClassCounters;
using core::ClassStats;

namespace {

/// What this engine has no equivalent of reads as 0.
struct NoSuchThing {};

/// One line of a slab class: where its value stands.
struct ClassLine {
  std::string_view name;
  std::variant<NoSuchThing, uint64_t ClassStats::*, uint64_t ClassCounters::*> source;
};

constexpr ClassLine kItemLines[] = {
    {"number", &ClassStats::items},
    {"number_hot", NoSuchThing{}},
    {"number_warm", &ClassStats::protected_items},
    {"number_cold", &ClassStats::probation_items},
    {"number_temp", &ClassStats::temporary_items},
    {"age_hot", NoSuchThing{}},
    {"age_warm", &ClassStats::oldest_protected_idle_sec},
    {"age", &ClassStats::oldest_idle_sec},
    {"mem_requested", &ClassStats::item_bytes},
    {"evicted", &ClassCounters::evicted},
    {"evicted_nonzero", &ClassCounters::evicted_nonzero},
    {"evicted_time", &ClassStats::last_evicted_idle_sec},
    {"outofmemory", &ClassCounters::out_of_memory},
    {"tailrepairs", NoSuchThing{}},
    {"reclaimed", &ClassCounters::reclaimed},
    {"expired_unfetched", &ClassCounters::expired_unfetched},
    {"evicted_unfetched", &ClassCounters::evicted_unfetched},
    {"evicted_active", &ClassCounters::evicted_active},
    {"crawler_reclaimed", &ClassCounters::crawler_reclaimed},
    {"crawler_items_checked", &ClassCounters::crawler_checked},
    {"lrutail_reflocked", NoSuchThing{}},
    {"moves_to_cold", &ClassCounters::moves_to_probation},
    {"moves_to_warm", &ClassCounters::moves_to_protected},
    {"moves_within_lru", &ClassCounters::moves_within_lru},
    {"direct_reclaims", &ClassCounters::direct_reclaims},
    {"hits_to_hot", NoSuchThing{}},
    {"hits_to_warm", &ClassCounters::hits_to_protected},
    {"hits_to_cold", &ClassCounters::hits_to_probation},
    {"hits_to_temp", &ClassCounters::hits_to_temporary},
    {"ghost_hits", &ClassCounters::ghost_hits},
};

constexpr ClassLine kChunkLines[] = {
    {"chunk_size", &ClassStats::chunk_bytes},
    {"chunks_per_page", &ClassStats::chunks_per_page},
    {"total_pages", &ClassStats::total_pages},
};

constexpr ClassLine kChunkUseLines[] = {
    {"used_chunks", &ClassStats::used_chunks},  {"free_chunks", &ClassStats::free_chunks},
    {"free_chunks_end", NoSuchThing{}},         {"get_hits", &ClassCounters::get_hits},
    {"cmd_set", &ClassCounters::set_cmds},      {"delete_hits", &ClassCounters::delete_hits},
    {"incr_hits", &ClassCounters::incr_hits},   {"decr_hits", &ClassCounters::decr_hits},
    {"cas_hits", &ClassCounters::cas_hits},     {"cas_badval", &ClassCounters::cas_badval},
    {"touch_hits", &ClassCounters::touch_hits},
};

struct ValueReader {
  const ClassStats& stats;
  uint64_t operator()(NoSuchThing /*unused*/) const { return 0; }
  uint64_t operator()(uint64_t ClassStats::*member) const { return stats.*member; }
  uint64_t operator()(uint64_t ClassCounters::*member) const { return stats.counters.*member; }
};

void AddClassLines(std::span<const ClassLine> table, const ClassStats& stats, StatLines& lines) {
  for (const ClassLine& line : table) {
    lines.Add(line.name, std::visit(ValueReader{stats}, line.source));
  }
}

}  // namespace

void AddItemStats(const core::EngineStats& engine, StatLines& lines) {
  for (const ClassStats& stats : engine.classes) {
    if (stats.items > 0) {
      lines.SetPrefix("items:" + std::to_string(stats.class_id) + ":");
      AddClassLines(kItemLines, stats, lines);
    }
  }
}

void AddSlabStats(const core::EngineStats& engine, StatLines& lines) {
  for (const ClassStats& stats : engine.classes) {
    lines.SetPrefix(std::to_string(stats.class_id) + ":");
    AddClassLines(kChunkLines, stats, lines);
    lines.Add("total_chunks", stats.used_chunks + stats.free_chunks);
    AddClassLines(kChunkUseLines, stats, lines);
  }
  lines.SetPrefix("");
  lines.Add("active_slabs", engine.classes.size());
  lines.Add("total_malloced", engine.pages_held * engine.page_bytes);
}

}  // namespace quarry::command
