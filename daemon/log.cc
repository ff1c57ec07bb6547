#include "daemon/log.h"

#include <memory>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "daemon/log_line.h"

namespace quarry::daemon {
namespace {

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kTrace:
      break;
  }
  return spdlog::level::trace;
}

std::unique_ptr<spdlog::logger> MakeLogger() {
  auto logger = std::make_unique<spdlog::logger>("quarryd",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  // Enabled() alone decides, so that the verbosity may change while the server runs.
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace

StderrLogger::StderrLogger(const std::atomic<uint32_t>& verbosity)
    : verbosity_(verbosity), logger_(MakeLogger()) {}

StderrLogger::~StderrLogger() = default;

bool StderrLogger::Enabled(LogLevel level) const {
  // Relaxed: a line more or less around a change does not matter.
  const uint32_t verbosity = verbosity_.load(std::memory_order_relaxed);
  return level <= LogLevel::kInfo || (level == LogLevel::kDebug && verbosity >= 1) ||
         verbosity >= 2;
}

void StderrLogger::Write(LogLevel level, std::string_view message,
                         std::span<const LogField> fields) {
  logger_->log(SpdlogLevel(level), FormatLogLine(message, fields));
}

}  // namespace quarry::daemon
