#include "tests/bench/floor/request_scanner.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

constexpr size_t kValueBytes = 5;

std::vector<RequestKind> ScanInPieces(std::string_view input, size_t piece_bytes) {
  RequestScanner scanner;
  std::vector<RequestKind> kinds;
  for (; !input.empty(); input.remove_prefix(std::min(piece_bytes, input.size()))) {
    scanner.Scan(input.substr(0, piece_bytes), kValueBytes,
                 [&kinds](RequestKind kind) { kinds.push_back(kind); });
  }
  return kinds;
}

std::string Packet(binary::Opcode opcode, const std::string& body) {
  std::array<char, binary::kHeaderBytes> header{};
  binary::WriteHeader(header.data(), binary::kRequestMagic, opcode, 0, 0, body.size());
  return std::string(header.data(), header.size()) + body;
}

TEST_CASE("Lines and values end where they end, however they are cut") {
  const std::string input =
      "version\r\nget a b c\r\nset k 0 0 5\r\nx\nget\r\nmg k v\r\nms k 5\r\nvalue\r\nmn\r\nget "
      "d\r\n";
  const std::vector<RequestKind> expected = {RequestKind::kVersion,    RequestKind::kClassicGet,
                                             RequestKind::kClassicSet, RequestKind::kMetaGet,
                                             RequestKind::kMetaSet,    RequestKind::kMetaNoop,
                                             RequestKind::kClassicGet};
  for (size_t piece_bytes = 1; piece_bytes <= input.size(); ++piece_bytes) {
    REQUIRE(ScanInPieces(input, piece_bytes) == expected);
  }
}

TEST_CASE("Packets end where their header says") {
  const std::string input = Packet(binary::Opcode::kGetKQ, "key") +
                            Packet(binary::Opcode::kSet, "flags and a \n\r\n value") +
                            Packet(binary::Opcode::kNoop, "");
  const std::vector<RequestKind> expected = {RequestKind::kBinaryGet, RequestKind::kBinarySet,
                                             RequestKind::kBinaryNoop};
  for (size_t piece_bytes = 1; piece_bytes <= input.size(); ++piece_bytes) {
    REQUIRE(ScanInPieces(input, piece_bytes) == expected);
  }
}

}  // namespace
}  // namespace quarry::bench
