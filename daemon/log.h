#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/log.h"

namespace spdlog {
class logger;
}  // namespace spdlog

namespace quarry::daemon {

/// Writes lines like
///
///     2026-11-23T03:44:16.123Z info listening address=127.0.0.1:11211
///
/// to stderr, each with one write, at most 4096 bytes of it. Errors, warnings and info always;
/// debug from verbosity 1, trace from 2. Never waits: what stderr does not take at once is lost,
/// and told in a line of its own once it takes something again.
class StderrLogger final : public Logger {
 public:
  /// `verbosity` outlives the logger and may change at any time.
  explicit StderrLogger(const std::atomic<uint32_t>& verbosity);
  ~StderrLogger() override;
  StderrLogger(const StderrLogger&) = delete;
  StderrLogger& operator=(const StderrLogger&) = delete;

  bool Enabled(LogLevel level) const override;

 private:
  void Write(LogLevel level, std::string_view message, std::span<const LogField> fields) override;

  const std::atomic<uint32_t>& verbosity_;
  const std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace quarry::daemon
