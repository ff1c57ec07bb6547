#include "daemon/log.h"

#include <poll.h>
#include <unistd.h>

#include <climits>
#include <memory>
#include <mutex>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

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

/// Writes to stderr and never waits: the server must not stand still because nobody reads a pipe or
/// a terminal is held. A line that would have to wait is lost, and the next that goes out is behind
/// one that tells how many were.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (lost_count_ > 0 && WriteLine({message.time,
                                      {},
                                      message.logger_name,
                                      spdlog::level::warn,
                                      FormatLogLine("log lines lost: nobody read them",
                                                    {{{"count", lost_count_}}})})) {
      lost_count_ = 0;
    }
    if (lost_count_ > 0 || !WriteLine(message)) {
      ++lost_count_;
    }
  }

  void flush_() override {}  // nothing is kept

  /// False when it would have to wait, or nothing takes it.
  bool WriteLine(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (line.size() > kMaxLineBytes) {
      line.resize(kMaxLineBytes);
      line[kMaxLineBytes - 1] = '\n';
    }
    pollfd writable = {.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    return poll(&writable, 1, 0) == 1 && write(STDERR_FILENO, line.data(), line.size()) > 0;
  }

  /// What a pipe takes at once, if it takes anything.
  static constexpr size_t kMaxLineBytes = PIPE_BUF;

  uint64_t lost_count_ = 0;  // since the last line that was written
};

std::unique_ptr<spdlog::logger> MakeLogger() {
  auto logger = std::make_unique<spdlog::logger>("quarryd", std::make_shared<StderrSink>());
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  // Enabled() alone decides, so that the verbosity may change while the server runs.
  logger->set_level(spdlog::level::trace);
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
