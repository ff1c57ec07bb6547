#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/command/awaited_reply.h"
#include "daemon/command/commands.h"
#include "daemon/command/stats.h"
#include "protocol/binary_reply.h"
#include "protocol/lru_tune.h"

namespace quarry::command {

using protocol::BinaryStatus;
using protocol::Dialect;
using protocol::Error;

namespace {

constexpr uint32_t kMaxVerbosity = 2;
constexpr int kMebibyteShift = 20;
// Whoever asks for more has meant bytes.
constexpr uint64_t kMaxMegabytes = 1'000'000'000;

const Status kUnknownGroup{.classic = protocol::ErrorLine(Error::kUnknownCommand),
                           .binary = BinaryStatus::kNotFound};

}  // namespace

void Noop(const Call& call) {
  if (call.request.dialect == Dialect::kBinary) {
    return ReplyPacket(call, BinaryStatus::kOk);
  }
  call.replies.Append(protocol::kMetaNoop);
}

void FlushAll(const Call& call) {
  Bump(call.counters.flush_cmds);
  if (!call.context.flush_enabled) {
    return ReplyError(call.request, Error::kFlushForbidden, call.replies);
  }
  const Expiry at = ExpiryFromWire(call.request.exptime, call.moment);
  call.engine().Flush(at == kAlreadyExpired ? kNever : at, call.now());
  ReplyOkOr(call, Error::kNone);
}

void Version(const Call& call) {
  if (call.request.dialect == Dialect::kBinary) {
    call.replies.AdvanceTo(protocol::WriteTextPacket(
        call.replies.cursor(), protocol::EchoOf(call.request), kCompatibleVersion));
    return;
  }
  call.replies.Append(protocol::kVersionPrefix);
  call.replies.Append(kCompatibleVersion);
  call.replies.Append(protocol::kCrlf);
}

void Verbosity(const Call& call) {
  call.context.verbosity.store(std::min(call.request.verbosity, kMaxVerbosity),
                               std::memory_order_relaxed);
  ReplyLine(call, protocol::kOk);
}

void MemoryLimit(const Call& call) {
  const uint64_t megabytes = call.request.memory_limit_mb;
  Error error = Error::kNone;
  if (megabytes < core::EngineOptions::kMinMemoryBytes >> kMebibyteShift) {
    error = Error::kMemoryLimitTooSmall;
  } else if (megabytes > kMaxMegabytes) {
    error = Error::kMemoryLimitInBytes;
  } else if (!call.engine().SetMemoryLimit(megabytes << kMebibyteShift).ok()) {
    error = Error::kMemoryLimitOutOfBounds;
  }
  ReplyOkOr(call, error);
}

void LruMode(const Call& call) {
  call.engine().SetFlatLru(call.request.flat_lru);
  ReplyLine(call, protocol::kOk);
}

void TemporaryTtl(const Call& call) {
  const int64_t sec = call.request.exptime;
  call.engine().SetTemporaryTtl(sec < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(sec)));
  ReplyLine(call, protocol::kOk);
}

void LruTune(const Call& call) {
  protocol::LruTuning tuning;
  const Error error = protocol::ParseLruTune(call.request.arguments, tuning);
  if (error == Error::kNone) {
    LruTuningSettings& settings = call.context.lru_tuning;
    settings.hot_percent.store(tuning.hot_percent, std::memory_order_relaxed);
    settings.warm_percent.store(tuning.warm_percent, std::memory_order_relaxed);
    settings.hot_factor.store(tuning.hot_factor, std::memory_order_relaxed);
    settings.warm_factor.store(tuning.warm_factor, std::memory_order_relaxed);
  }
  ReplyOkOr(call, error);
}

void Stats(const Call& call) {
  if (BeginListing(call)) {
    return;
  }
  std::optional<std::string> reply = StatsReply(call.request, call.context, call.now());
  if (!reply) {
    ReplyStatus(call, kUnknownGroup, protocol::FlagSet(), {});
  } else if (call.replies.TakesText(reply->size())) {
    call.replies.AppendText(*std::move(reply));
  } else {
    ReplyError(call.request, Error::kOutOfMemoryStats, call.replies);
  }
}

void Quit(const Call& call) {
  if (call.request.dialect == Dialect::kBinary && !call.request.quiet) {
    ReplyPacket(call, BinaryStatus::kOk);
  }
}

void RefreshCertificates(const Call& call) {
  Certificates* certificates = call.context.certificates;
  if (certificates == nullptr || !certificates->CertificateAgeSec().has_value()) {
    ReplyError(call.request, Error::kTlsNotEnabled, call.replies);
    return;
  }
  auto verdict = std::make_shared<Verdict>(call.conversation.ticket.wake());
  certificates->RefreshCertificates(verdict);
  call.conversation.long_reply =
      std::make_unique<AwaitedReply>(std::move(verdict), [](bool refreshed, ReplyBuffer& replies) {
        replies.Append(refreshed ? protocol::kOk
                                 : protocol::ErrorLine(Error::kCertificatesNotRefreshed));
      });
}

/// With nothing to save, graceful is how the server always ends. The client learns of it by the end
/// of its connection.
void Shutdown(const Call& call) {
  const std::string_view mode = call.request.arguments;
  if (!call.context.shut_down) {
    ReplyError(call.request, Error::kShutdownDisabled, call.replies);
  } else if (!mode.empty() && mode != "graceful") {
    ReplyError(call.request, Error::kBadShutdownMode, call.replies);
  } else {
    call.context.shut_down();
  }
}

}  // namespace quarry::command
