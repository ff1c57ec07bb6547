// Executor::ExecutePlain: what nearly every request comes to, in one loop.

#include <optional>
#include <string_view>

#include "core/small_get.h"
#include "daemon/command/commands.h"
#include "daemon/command/executor.h"
#include "protocol/binary_reply.h"
#include "protocol/error.h"
#include "protocol/text_reply.h"

namespace quarry::command {

using protocol::PlainRequest;

namespace {

/// Writes the reply at `out` and returns its end; null, and nothing is done, for an item that is
/// large or dead.
inline char* Get(core::Engine& engine, core::ReadCounters& reads, const core::Key& key,
                 const PlainRequest& get, Instant now, char* out) {
  const auto outcome =
      engine.GetSmall(key, now, reads, [&key, &get, &out](const core::SmallHit& hit) {
        const std::string_view value = hit.value();
        out = protocol::WriteValueHead(
            out, {.key = key.bytes,
                  .client_flags = hit.client_flags(),
                  .value_bytes = value.size(),
                  .cas = get.want_cas ? std::optional(hit.cas()) : std::nullopt});
        out = protocol::WriteText(protocol::WriteText(out, value), protocol::kCrlf);
      });
  if (!outcome) [[unlikely]] {
    return nullptr;
  }
  return get.ends_line ? protocol::WriteText(out, protocol::kEnd) : out;
}

/// The same for an mg; null also for an item with a flag that its reply would show. Not inlined:
/// the loop's other requests would pay for the registers that it needs.
[[gnu::noinline]] char* MetaGet(core::Engine& engine, core::ReadCounters& reads,
                                const core::Key& key, const PlainRequest& get, Instant now,
                                char* out) {
  const auto outcome = engine.GetSmall<core::kMetaMarks>(
      key, now, reads, [&key, &get, &out, now](const core::SmallHit& hit) {
        const protocol::MetaItem item{.key = {key.bytes},
                                      .value_bytes = hit.value().size(),
                                      .client_flags = hit.client_flags(),
                                      .cas = hit.cas(),
                                      .ttl_before_sec = TtlSec(hit.expiry(), now)};
        if (!get.want_value) {
          out = protocol::WriteMetaLine(out, protocol::kMetaDone, get.flag_tokens,
                                        protocol::kGetReturns, item);
          return;
        }
        out = protocol::WriteMetaValueHead(out, get.flag_tokens, protocol::kGetReturns, item);
        out = protocol::WriteText(protocol::WriteText(out, hit.value()), protocol::kCrlf);
      });
  if (!outcome) [[unlikely]] {
    return nullptr;
  }
  if (*outcome == core::GetOutcome::kHit || get.quiet) {
    return out;
  }
  return protocol::WriteMetaLine(out, protocol::kMetaMiss, get.flag_tokens, protocol::kEchoReturns,
                                 {.key = {key.bytes}});
}

/// The same for a packet.
[[gnu::noinline]] char* PacketGet(core::Engine& engine, core::ReadCounters& reads,
                                  const core::Key& key, const PlainRequest& get, Instant now,
                                  char* out) {
  const protocol::PacketEcho echo = protocol::EchoOf(get);
  const auto outcome = engine.GetSmall(key, now, reads, [&echo, &out](const core::SmallHit& hit) {
    out = protocol::WriteItemHead(
        out, echo,
        {.value_bytes = hit.value().size(), .client_flags = hit.client_flags(), .cas = hit.cas()});
    out = protocol::WriteText(out, hit.value());
  });
  if (!outcome) [[unlikely]] {
    return nullptr;
  }
  if (*outcome == core::GetOutcome::kHit || get.quiet) {
    return out;
  }
  return protocol::WriteStatusPacket(out, echo, protocol::BinaryStatus::kNotFound, 0);
}

inline core::StoreResult Store(core::Engine& engine, const core::Key& key, const PlainRequest& set,
                               Moment moment) {
  core::StoreOptions options;
  options.client_flags = set.client_flags;
  options.expiry = ExpiryFromWire(set.exptime, moment);
  return engine.Store(key, options, set.value, moment.now);
}

/// The same for a set, which always does something.
inline char* Set(core::Engine& engine, const core::Key& key, const PlainRequest& set, Moment moment,
                 char* out) {
  const core::StoreResult result = Store(engine, key, set, moment);
  const bool stored = result.outcome == core::StoreOutcome::kStored;
  return protocol::WriteText(
      out, stored ? protocol::kStored : ErrorLine(protocol::Error::kOutOfMemoryStoring));
}

[[gnu::noinline]] char* PacketSet(core::Engine& engine, const core::Key& key,
                                  const PlainRequest& set, Moment moment, char* out) {
  const core::StoreResult result = Store(engine, key, set, moment);
  const protocol::PacketEcho echo = protocol::EchoOf(set);
  if (result.outcome != core::StoreOutcome::kStored) {
    return protocol::WriteErrorPacket(out, echo, protocol::Error::kOutOfMemoryStoring);
  }
  return set.quiet
             ? out
             : protocol::WriteStatusPacket(out, echo, protocol::BinaryStatus::kOk, result.cas);
}

}  // namespace

size_t Executor::ExecutePlain(Batch::Range range, ReplyBuffer& replies,
                              Conversation& conversation) {
  if (observer_.IsWanted() || !replies.HasRoom(kMaxValueReplyBytes)) [[unlikely]] {
    return 0;
  }
  char* end = replies.cursor();
  const char* const last_begin = end + (replies.room() - kMaxValueReplyBytes);
  size_t index = range.begin;
  for (; index < range.end && end <= last_begin; ++index) {
    const PlainRequest& request = batch_.plain(index);
    char* reply_end = nullptr;
    if (request.kind == PlainRequest::Kind::kGet) [[likely]] {
      reply_end = Get(engine(), reads_, batch_.key(index), request, now_, end);
    } else if (request.kind == PlainRequest::Kind::kMetaGet) {
      reply_end = MetaGet(engine(), reads_, batch_.key(index), request, now_, end);
    } else if (request.kind == PlainRequest::Kind::kPacketGet) {
      reply_end = PacketGet(engine(), reads_, batch_.key(index), request, now_, end);
    } else if (request.kind == PlainRequest::Kind::kSet) {
      reply_end = Set(engine(), batch_.key(index), request, moment(), end);
    } else if (request.kind == PlainRequest::Kind::kPacketSet) {
      reply_end = PacketSet(engine(), batch_.key(index), request, moment(), end);
    }
    if (reply_end == nullptr) [[unlikely]] {
      break;
    }
    end = reply_end;
  }
  replies.AdvanceTo(end);
  if (index > range.begin) {
    conversation.ticket.Release();  // of a get that waited for a larger value
  }
  return index - range.begin;
}

}  // namespace quarry::command
