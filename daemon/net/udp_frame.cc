#include "daemon/net/udp_frame.h"

#include "protocol/big_endian.h"

namespace quarry::net {

using protocol::LoadBig;
using protocol::StoreBig;

namespace {

constexpr size_t kIdAt = 0;
constexpr size_t kSequenceAt = 2;
constexpr size_t kCountAt = 4;

}  // namespace

std::optional<UdpFrame> UdpFrame::OfRequest(std::string_view datagram) {
  if (datagram.size() <= kHeaderBytes || LoadBig<uint16_t>(datagram.data() + kCountAt) != 1) {
    return std::nullopt;
  }
  return UdpFrame{LoadBig<uint16_t>(datagram.data() + kIdAt), datagram.substr(kHeaderBytes)};
}

size_t UdpFrame::CountFor(size_t reply_bytes) {
  return (reply_bytes + kMaxPayloadBytes - 1) / kMaxPayloadBytes;
}

UdpFrame::Header UdpFrame::ReplyHeader(uint16_t request_id, uint16_t sequence, uint16_t count) {
  Header header = {};
  StoreBig(header.data() + kIdAt, request_id);
  StoreBig(header.data() + kSequenceAt, sequence);
  StoreBig(header.data() + kCountAt, count);
  return header;
}

}  // namespace quarry::net
