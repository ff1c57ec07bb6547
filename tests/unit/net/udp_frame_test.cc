#include "daemon/net/udp_frame.h"

#include <string>
#include <string_view>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("A request has an id and a payload, and is one datagram") {
  const auto frame = UdpFrame::OfRequest("\x12\x34\x00\x07\x00\x01\x00\x09mn\r\n"sv);
  REQUIRE(frame.has_value());
  REQUIRE(frame->request_id == 0x1234);
  REQUIRE(frame->payload == "mn\r\n");
}

TEST_CASE("What has no payload, or says that it is not one datagram, is no request") {
  const std::string header = "\x00\x01\x00\x00\x00\x01\x00\x00"s;
  for (size_t length = 0; length <= header.size(); ++length) {
    REQUIRE_FALSE(UdpFrame::OfRequest(header.substr(0, length)).has_value());
  }
  for (const std::string_view count : {"\x00\x00"sv, "\x00\x02"sv, "\x01\x01"sv, "\xff\xff"sv}) {
    std::string datagram = header + "mn\r\n";
    datagram.replace(4, 2, count);
    REQUIRE_FALSE(UdpFrame::OfRequest(datagram).has_value());
  }
}

TEST_CASE("A reply takes as many datagrams as it needs") {
  REQUIRE(UdpFrame::CountFor(0) == 0);
  REQUIRE(UdpFrame::CountFor(1) == 1);
  REQUIRE(UdpFrame::CountFor(1392) == 1);
  REQUIRE(UdpFrame::CountFor(1393) == 2);
  REQUIRE(UdpFrame::CountFor(2784) == 2);
}

TEST_CASE("A reply's header bears the request's id, the highest byte first") {
  const UdpFrame::Header header = UdpFrame::ReplyHeader(0xfedc, 0x0102, 0x0304);
  REQUIRE(std::string_view(header.data(), header.size()) == "\xfe\xdc\x01\x02\x03\x04\x00\x00"sv);
}

}  // namespace
}  // namespace quarry::net
