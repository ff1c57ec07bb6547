#include "tests/bench/floor/request_scanner.h"

namespace quarry::bench {

RequestKind RequestScanner::KindOfLine(std::string_view line) {
  if (line.size() < 2) {
    return RequestKind::kOther;
  }
  switch (line[0]) {
    case 'g':
      return RequestKind::kClassicGet;
    case 's':
      return RequestKind::kClassicSet;
    case 'v':
      return RequestKind::kVersion;
    case 'm':
      return line[1] == 'g'   ? RequestKind::kMetaGet
             : line[1] == 's' ? RequestKind::kMetaSet
                              : RequestKind::kMetaNoop;
    default:
      return RequestKind::kOther;
  }
}

RequestKind RequestScanner::KindOfOpcode(char opcode) {
  switch (static_cast<binary::Opcode>(opcode)) {
    case binary::Opcode::kSet:
      return RequestKind::kBinarySet;
    case binary::Opcode::kNoop:
      return RequestKind::kBinaryNoop;
    case binary::Opcode::kGetK:
    case binary::Opcode::kGetKQ:
      return RequestKind::kBinaryGet;
  }
  return RequestKind::kOther;
}

uint32_t RequestScanner::BodyBytes(std::string_view header) {
  return binary::ReadBigEndian<uint32_t>(header.substr(binary::kBodyBytesAt));
}

}  // namespace quarry::bench
