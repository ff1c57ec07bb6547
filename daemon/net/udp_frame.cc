#include "daemon/net/udp_frame.h"

namespace quarry::net {
namespace {

constexpr size_t kIdAt = 0;
constexpr size_t kSequenceAt = 2;
constexpr size_t kCountAt = 4;
constexpr unsigned kBitsPerByte = 8;

uint16_t WordAt(std::string_view bytes, size_t position) {
  const auto high = static_cast<unsigned char>(bytes[position]);
  const auto low = static_cast<unsigned char>(bytes[position + 1]);
  return static_cast<uint16_t>(high << kBitsPerByte | low);
}

void PutWord(uint16_t word, UdpFrame::Header& header, size_t position) {
  header[position] = static_cast<char>(word >> kBitsPerByte);
  header[position + 1] = static_cast<char>(word);
}

}  // namespace

std::optional<UdpFrame> UdpFrame::OfRequest(std::string_view datagram) {
  if (datagram.size() <= kHeaderBytes || WordAt(datagram, kCountAt) != 1) {
    return std::nullopt;
  }
  return UdpFrame{WordAt(datagram, kIdAt), datagram.substr(kHeaderBytes)};
}

size_t UdpFrame::CountFor(size_t reply_bytes) {
  return (reply_bytes + kMaxPayloadBytes - 1) / kMaxPayloadBytes;
}

UdpFrame::Header UdpFrame::ReplyHeader(uint16_t request_id, uint16_t sequence, uint16_t count) {
  Header header = {};
  PutWord(request_id, header, kIdAt);
  PutWord(sequence, header, kSequenceAt);
  PutWord(count, header, kCountAt);
  return header;
}

}  // namespace quarry::net
