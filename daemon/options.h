#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "daemon/exit_codes.h"
#include "daemon/listen_list.h"
#include "daemon/net/tls_options.h"
#include "daemon/size.h"

namespace quarry::daemon {

/// Everything the command line decides. Plain data; the defaults are those of the program.
struct Options {
  static constexpr int32_t kPortOff = 0;
  static constexpr int32_t kRandomPort = -1;

  // Listening.
  int32_t port = 11211;  ///< or kPortOff, or kRandomPort
  int32_t udp_port = kPortOff;
  uint32_t udp_reply_factor = 3;  ///< see net::UdpEndpoint
  uint32_t unix_socket_mode = 0700;
  uint32_t listen_backlog = 1024;
  uint32_t max_connections = 1024;
  uint32_t idle_timeout_sec = 0;    ///< 0: none
  uint32_t tls_verify_mode = 0;     ///< as given; `tls` has what it means
  bool port_given = false;          ///< by -p
  bool reject_beyond_limit = true;  ///< else connections beyond it wait in the backlog
  bool tls_enabled = false;         ///< of listeners that do not say otherwise
  bool sasl = false;                ///< users log in by SASL, those of auth_file if there is one
  std::vector<ListenEntry> listen;  ///< empty: the loopback addresses
  std::string listen_text;          ///< the arguments of -l, joined by commas
  std::string unix_socket;          ///< not empty: no TCP unless -p or -l is given
  std::string protocol = "auto";    ///< auto, ascii or binary
  std::string auth_file;            ///< its users may, and log in by text; empty: everybody
  net::TlsOptions tls;

  // The cache.
  uint64_t memory_bytes = 64 * kMebibyte;
  uint64_t max_item_bytes = kMebibyte;
  double growth_factor = 1.04;
  uint32_t min_item_bytes = 12;  ///< the smallest chunk's room for key, value and flags
  bool evict = true;
  bool cas_enabled = true;

  // The process.
  std::string user;  ///< empty: stay who we are
  std::string pid_file;
  uint32_t worker_count = 4;
  uint32_t max_requests_per_event = 20;
  uint32_t verbosity = 0;
  bool background = false;
  bool core_dumps = false;

  // What clients may do.
  bool shutdown_enabled = false;
  bool flush_enabled = true;
  bool dump_enabled = true;  ///< keys may be listed
  bool watch_enabled = true;
  bool track_sizes = false;        ///< stats sizes counts
  uint32_t watcher_log_kib = 256;  ///< see command::EventLog::Sizes
  uint32_t worker_log_kib = 64;

  // What commands can set later on: see TuningSubOptions.
  bool slab_reassign = true;   ///< false: as automove_mode 0
  uint32_t automove_mode = 1;  ///< of `slabs automove`
  uint32_t automove_window = 10;
  double automove_ratio = 0.8;
  double automove_free_ratio = 0.01;
  bool flat_lru = false;
  bool lru_tuned = false;  ///< any of the four below is given
  uint32_t hot_lru_percent = 20;
  uint32_t warm_lru_percent = 40;
  double hot_max_factor = 0.2;
  double warm_max_factor = 2;
  std::optional<uint32_t> temporary_ttl_sec;  ///< nullopt: nothing is temporary
  bool crawler_enabled = true;
  uint32_t crawler_pause_us = 100;
  uint32_t crawler_item_limit = 0;  ///< 0: none

  // What has no effect, and is checked.
  uint32_t napi_id_count = 0;  ///< 0: not given

  // Statistics by prefix.
  bool detail_enabled = false;
  std::string prefix_delimiter = ":";  ///< one byte

  /// What the operator should be told once the log is up: full sentences without an end.
  std::vector<std::string> warnings;
};

/// The command line asks for an end, with `text` for the user: on stdout if the code is kExitOk, on
/// stderr otherwise. `text` ends with a line feed.
struct EarlyExit {
  ExitCode code;
  std::string text;
};

/// Reads the command line, argv[0] included: the spelling as getopt_long does, then through CLI11.
/// The later of two options wins, but both must be right. `machine_memory_bytes` is what "75%" is a
/// share of; 0 if unknown.
std::variant<Options, EarlyExit> ParseOptions(std::span<char* const> argv,
                                              uint64_t machine_memory_bytes);

}  // namespace quarry::daemon
