#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstdio>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/command/stats.h"

namespace quarry::command {

using core::ClassCounters;
using core::EngineStats;
using core::ShardCounters;

namespace {

/// What the lines are made of, read once for one reply.
struct Snapshot {
  ServerContext& context;
  Instant now;
  EngineStats engine;
  WorkerTotals totals;
  EventLog::Totals events;
  rusage usage{};
};

using NumberOf = uint64_t (*)(const Snapshot&);
using TextOf = std::string (*)(const Snapshot&);

/// What this product has no equivalent of, or does not have yet: 0, which is the truth.
struct None {};

/// One line: its name, and where its value stands.
struct Line {
  std::string_view name;
  std::variant<None, uint64_t EngineStats::*, uint64_t ShardCounters::*, uint64_t ClassCounters::*,
               uint64_t WorkerTotals::*, std::atomic<uint64_t> ConnectionCounters::*, NumberOf,
               TextOf>
      source;
  bool (*is_shown)(const Snapshot&) = nullptr;  ///< null: always
};

bool HasTls(const Snapshot& snapshot) {
  const Certificates* certificates = snapshot.context.certificates;
  return certificates != nullptr && certificates->CertificateAgeSec().has_value();
}

/// The first second of every Clock's time line.
constexpr uint32_t kFirstSecond = 2;

std::string SecondsWithMicros(const timeval& time) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(time.tv_sec),
                static_cast<long long>(time.tv_usec));
  return text.data();
}

/// The exponent of the index's size in buckets, rounded down.
uint64_t HashPower(const Snapshot& snapshot) {
  const uint64_t buckets = snapshot.engine.index_buckets;
  return buckets == 0 ? 0 : std::bit_width(buckets) - 1U;
}

// The names and their order are those of memcached 1.6.45; what is this product's own comes last.
constexpr Line kLines[] = {
    {"pid", NumberOf{[](const Snapshot&) {
       return static_cast<uint64_t>(getpid());
     }}},
    {"uptime", NumberOf{[](const Snapshot& s) {
       return uint64_t{s.now.floor_sec} - kFirstSecond;
     }}},
    {"time", NumberOf{[](const Snapshot& s) {
       return static_cast<uint64_t>(s.context.clock->UnixNow());
     }}},
    {"version", TextOf{[](const Snapshot&) {
       return std::string(kCompatibleVersion);
     }}},
    {"libevent", TextOf{[](const Snapshot& s) {
       return s.context.libevent_version;
     }}},
    {"pointer_size", NumberOf{[](const Snapshot&) {
       return 8 * sizeof(void*);
     }}},
    {"rusage_user", TextOf{[](const Snapshot& s) {
       return SecondsWithMicros(s.usage.ru_utime);
     }}},
    {"rusage_system", TextOf{[](const Snapshot& s) {
       return SecondsWithMicros(s.usage.ru_stime);
     }}},
    {"max_connections", NumberOf{[](const Snapshot& s) {
       return uint64_t{s.context.max_connections};
     }}},
    {"curr_connections", &ConnectionCounters::current},
    {"total_connections", &ConnectionCounters::total},
    {"rejected_connections", &ConnectionCounters::rejected,
     [](const Snapshot& s) {
       return s.context.reject_beyond_limit;
     }},
    {"connection_structures", &ConnectionCounters::current},
    {"response_obj_oom", None{}},
    {"response_obj_count", None{}},
    {"response_obj_bytes", None{}},
    {"read_buf_count", None{}},
    {"read_buf_bytes", None{}},
    {"read_buf_bytes_free", None{}},
    {"read_buf_oom", None{}},
    {"reserved_fds", NumberOf{[](const Snapshot& s) {
       return uint64_t{s.context.reserved_descriptors};
     }}},
    {"cmd_get", &ShardCounters::get_cmds},
    {"cmd_set", &ShardCounters::set_cmds},
    {"cmd_flush", &WorkerTotals::flush_cmds},
    {"cmd_touch", &ShardCounters::touch_cmds},
    {"cmd_meta", &WorkerTotals::meta_cmds},
    {"get_hits", &ClassCounters::get_hits},
    {"get_misses", &ShardCounters::get_misses},
    {"get_expired", &ShardCounters::get_expired},
    {"get_flushed", &ShardCounters::get_flushed},
    {"delete_misses", &ShardCounters::delete_misses},
    {"delete_hits", &ClassCounters::delete_hits},
    {"incr_misses", &ShardCounters::incr_misses},
    {"incr_hits", &ClassCounters::incr_hits},
    {"decr_misses", &ShardCounters::decr_misses},
    {"decr_hits", &ClassCounters::decr_hits},
    {"cas_misses", &ShardCounters::cas_misses},
    {"cas_hits", &ClassCounters::cas_hits},
    {"cas_badval", &ClassCounters::cas_badval},
    {"touch_hits", &ClassCounters::touch_hits},
    {"touch_misses", &ShardCounters::touch_misses},
    {"store_too_large", &ShardCounters::store_too_large},
    {"store_no_memory", &ShardCounters::store_no_memory},
    {"auth_cmds", &WorkerTotals::auth_cmds},
    {"auth_errors", &WorkerTotals::auth_errors},
    {"idle_kicks", &ConnectionCounters::idle_kicks,
     [](const Snapshot& s) {
       return s.context.idle_timeout_sec > 0;
     }},
    {"bytes_read", &WorkerTotals::bytes_read},
    {"bytes_written", &WorkerTotals::bytes_written},
    {"limit_maxbytes", &EngineStats::limit_bytes},
    {"accepting_conns", NumberOf{[](const Snapshot& s) {
       const auto& paused = s.context.connections.paused_listeners;
       return uint64_t{paused.load(std::memory_order_relaxed) == 0};
     }}},
    {"listen_disabled_num", &ConnectionCounters::listen_pauses},
    {"time_in_listen_disabled_us", &ConnectionCounters::listen_paused_us},
    {"threads", NumberOf{[](const Snapshot& s) {
       return s.context.workers.size();
     }}},
    {"conn_yields", &ConnectionCounters::yields},
    {"hash_power_level", NumberOf{HashPower}},
    {"hash_bytes", &EngineStats::index_bytes},
    {"hash_is_expanding", None{}},
    {"slab_reassign_rescues", &ShardCounters::items_rescued},
    {"slab_reassign_chunk_rescues", &ShardCounters::parts_rescued},
    {"slab_reassign_inline_reclaim", None{}},
    {"slab_reassign_busy_items", &ShardCounters::pages_busy},
    {"slab_reassign_busy_deletes", None{}},
    {"slab_reassign_busy_nomem", None{}},
    {"slab_reassign_last_busy_status", None{}},
    {"slab_reassign_running", None{}},  // a page moves while its command or store is carried out
    {"slabs_moved", &ShardCounters::pages_moved},
    {"lru_crawler_running", &EngineStats::crawler_running},
    {"lru_crawler_starts", &EngineStats::crawler_starts},
    {"lru_maintainer_juggles", None{}},
    {"malloc_fails", None{}},
    {"log_worker_dropped", NumberOf{[](const Snapshot& s) {
       return s.events.worker_dropped;
     }}},
    {"log_worker_written", NumberOf{[](const Snapshot& s) {
       return s.events.worker_written;
     }}},
    {"log_watcher_skipped", NumberOf{[](const Snapshot& s) {
       return s.events.watcher_skipped;
     }}},
    {"log_watcher_sent", NumberOf{[](const Snapshot& s) {
       return s.events.watcher_sent;
     }}},
    {"log_watchers", NumberOf{[](const Snapshot& s) {
       return s.context.event_log.watcher_count();
     }}},
    {"ssl_new_sessions", &ConnectionCounters::tls_new_sessions, HasTls},
    {"ssl_handshake_errors", &ConnectionCounters::tls_handshake_errors, HasTls},
    {"ssl_proto_errors", &ConnectionCounters::tls_protocol_errors, HasTls},
    {"time_since_server_cert_refresh", NumberOf{[](const Snapshot& s) {
       return s.context.certificates->CertificateAgeSec().value_or(0);
     }},
     HasTls},
    {"unexpected_napi_ids", None{}},
    {"round_robin_fallback", None{}},
    {"bytes", &EngineStats::item_bytes},
    {"curr_items", &EngineStats::items},
    {"total_items", &ShardCounters::total_items},
    {"slab_global_page_pool", &EngineStats::pages_free},
    {"expired_unfetched", &ClassCounters::expired_unfetched},
    {"evicted_unfetched", &ClassCounters::evicted_unfetched},
    {"evicted_active", &ClassCounters::evicted_active},
    {"evictions", &ClassCounters::evicted},
    {"reclaimed", &ClassCounters::reclaimed},
    {"crawler_reclaimed", &ClassCounters::crawler_reclaimed},
    {"crawler_items_checked", &ClassCounters::crawler_checked},
    {"lrutail_reflocked", None{}},
    {"moves_to_cold", &ClassCounters::moves_to_probation},
    {"moves_to_warm", &ClassCounters::moves_to_protected},
    {"moves_within_lru", &ClassCounters::moves_within_lru},
    {"direct_reclaims", &ClassCounters::direct_reclaims},
    {"lru_bumps_dropped", None{}},
    {"product", TextOf{[](const Snapshot&) {
       return std::string("quarry");
     }}},
    {"product_version", TextOf{[](const Snapshot&) {
       return std::string(QUARRY_VERSION);
     }}},
    {"shards", &EngineStats::shard_count},
    {"page_size", &EngineStats::page_bytes},
    {"uploads_bytes", &EngineStats::in_flight_bytes},
    {"pinned_bytes", &EngineStats::pinned_bytes},
};

/// Adds one line, whatever kind its source is of.
struct LineAdder {
  const Snapshot& snapshot;
  std::string_view name;
  StatLines& lines;

  void operator()(None /*unused*/) const { lines.Add(name, 0U); }
  void operator()(uint64_t EngineStats::*member) const { lines.Add(name, snapshot.engine.*member); }
  void operator()(uint64_t ShardCounters::*member) const {
    lines.Add(name, snapshot.engine.counters.*member);
  }
  void operator()(uint64_t ClassCounters::*member) const {
    lines.Add(name, snapshot.engine.class_totals.*member);
  }
  void operator()(uint64_t WorkerTotals::*member) const {
    lines.Add(name, snapshot.totals.*member);
  }
  void operator()(std::atomic<uint64_t> ConnectionCounters::*member) const {
    lines.Add(name, (snapshot.context.connections.*member).load(std::memory_order_relaxed));
  }
  void operator()(NumberOf number) const { lines.Add(name, number(snapshot)); }
  void operator()(TextOf text) const { lines.Add(name, text(snapshot)); }
};

}  // namespace

void AddGeneralStats(ServerContext& context, Instant now, StatLines& lines) {
  Snapshot snapshot{.context = context,
                    .now = now,
                    .engine = context.engine->Stats(now),
                    .totals = TotalsSinceReset(context),
                    .events = context.event_log.totals()};
  getrusage(RUSAGE_SELF, &snapshot.usage);
  for (const Line& line : kLines) {
    if (line.is_shown == nullptr || line.is_shown(snapshot)) {
      std::visit(LineAdder{snapshot, line.name, lines}, line.source);
    }
  }
}

}  // namespace quarry::command
