#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quarry::net {

/// The frame of memcached's UDP protocol: each datagram begins with four numbers of 16 bits, the
/// highest byte first.
///
///     | request id | sequence | datagrams in all | 0 | payload ...
///
/// A request is one datagram; a reply has its id, and as many datagrams as it needs.
struct UdpFrame {
  static constexpr size_t kHeaderBytes = 8;
  /// Of a reply's datagram, its header included: less than any path's limit, as memcached's.
  static constexpr size_t kMaxBytes = 1400;
  static constexpr size_t kMaxPayloadBytes = kMaxBytes - kHeaderBytes;

  using Header = std::array<char, kHeaderBytes>;

  uint16_t request_id = 0;
  std::string_view payload;

  /// The request in `datagram`; nothing where it has no payload, or says that it is one of several.
  static std::optional<UdpFrame> OfRequest(std::string_view datagram);

  /// How many datagrams a reply of `reply_bytes` takes.
  static size_t CountFor(size_t reply_bytes);

  /// The header of the datagram `sequence` of `count`, for a reply to `request_id`.
  static Header ReplyHeader(uint16_t request_id, uint16_t sequence, uint16_t count);
};

}  // namespace quarry::net
