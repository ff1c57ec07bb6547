#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tests/bench/histogram.h"

namespace quarry::bench {

/// Everything that is not an answer to the question asked. Never reset during a run: an error
/// while warming up is an error.
struct ErrorCounts {
  static constexpr size_t kMaxTexts = 16;
  static constexpr size_t kMaxTextBytes = 200;

  uint64_t error_lines = 0;     // ERROR, CLIENT_ERROR, SERVER_ERROR
  uint64_t unknown_lines = 0;   // no reply of the dialect, or one to no request
  uint64_t wrong_values = 0;    // damaged, or under another key than asked for
  uint64_t disconnections = 0;  // before the run was over

  /// How often the server said what; texts beyond kMaxTexts different ones are only counted above.
  std::map<std::string, uint64_t, std::less<>> texts;

  uint64_t Total() const { return error_lines + unknown_lines + wrong_values + disconnections; }

  void CountText(std::string_view text) {
    text = text.substr(0, kMaxTextBytes);
    const auto found = texts.find(text);
    if (found != texts.end()) {
      ++found->second;
    } else if (texts.size() < kMaxTexts) {
      texts.emplace(text, 1);
    }
  }
};

/// What happened in the measured window.
struct Counters {
  uint64_t requests = 0;    // completed; a get of many keys is one
  uint64_t keys_asked = 0;  // of completed gets
  uint64_t hits = 0;
  uint64_t hit_key_bytes = 0;  // where the reply names the key
  uint64_t hit_value_bytes = 0;
  uint64_t sets = 0;  // completed
  uint64_t stored = 0;
  uint64_t not_stored = 0;
  uint64_t sent_bytes = 0;
  uint64_t received_bytes = 0;
  Histogram latencies_ns;  // of every request, from its burst's start to its last byte
};

}  // namespace quarry::bench
