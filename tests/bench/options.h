#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/key_format.h"
#include "tests/bench/key_pattern.h"
#include "tests/bench/value_sizes.h"

namespace quarry::bench {

enum class Dialect {
  kClassic,
  kMeta,
  kBinary
};

enum class Preload {
  kNone,
  kAll,    // every key once
  kEvict,  // keys in order until the server has evicted as many items as are wanted
};

/// Where the server listens: a TCP address, or a socket's path where that is not empty.
struct ServerAddress {
  std::string host = "127.0.0.1";
  uint16_t port = 11211;
  std::string unix_path;
};

/// Whether to speak TLS 1.3, and with which cipher.
struct TlsChoice {
  bool wanted = false;
  std::string cipher = "TLS_AES_256_GCM_SHA384";
};

/// What the command line asked for. ParseOptions has checked every range.
struct Options {
  ServerAddress server;
  TlsChoice tls;
  int connections = 50;
  int pipeline_depth = 1;
  int keys_per_get = 1;
  uint32_t get_share = 9;  // get_share gets for every set_share sets
  uint32_t set_share = 1;
  KeyPatternOptions keys;
  LengthRange key_lengths{20, 40};
  ValueSizes::Options value_sizes;
  Dialect dialect = Dialect::kClassic;
  uint32_t ttl_sec = 0;  // of every value that is set; 0: it does not expire
  bool verify = false;

  Preload preload = Preload::kNone;
  uint64_t evictions_wanted = 1;
  double evicted_share = 0;  // above 0: evictions_wanted is this share of the items that are held
  uint64_t requests = 0;     // 0 for no bound
  double seconds = 0;        // 0 for no bound; requests or seconds or both are bounded, or neither:
                             // then there is a preload only
  double warmup_seconds = 0;
  double requests_per_second = 0;  // 0 for a closed loop
  double stall_seconds = 30;       // without any reply for so long the run is given up

  uint64_t seed = 1;
  bool spin = true;
  int server_pid = 0;            // 0 where the server's CPU time is not wanted
  std::string server_idle_path;  // of the counter of what it only spins away; empty for none
  bool json = false;
};

/// Reads the command line. Returns true, or false and the exit code of the process in *exit_code,
/// after having printed the help or what is wrong.
bool ParseOptions(int argc, const char* const* argv, Options* options, int* exit_code);

}  // namespace quarry::bench
