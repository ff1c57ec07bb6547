#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/binary_packet.h"

namespace quarry::bench {

/// What the floor can tell apart, which is what it needs to answer with the right size.
enum class RequestKind : uint8_t {
  kClassicGet,  // a whole line, however many keys it has
  kClassicSet,
  kMetaGet,
  kMetaSet,
  kMetaNoop,
  kBinaryGet,
  kBinarySet,
  kBinaryNoop,
  kVersion,
  kOther,
};
inline constexpr size_t kRequestKindCount = static_cast<size_t>(RequestKind::kOther) + 1;

/// Finds the ends of one connection's requests in what is read from it, and does nothing else: a
/// line is told by its first bytes, and the value behind a set is taken to have the size that all
/// have. One thread.
class RequestScanner {
 public:
  /// Calls `take` with the kind of every request that ends in `input`, in order.
  template <typename Take>
  void Scan(std::string_view input, size_t value_bytes, Take take);

 private:
  static RequestKind KindOfLine(std::string_view line);
  static RequestKind KindOfOpcode(char opcode);
  static uint32_t BodyBytes(std::string_view header);

  uint64_t left_bytes_ = 0;  // of the value or the packet under way
  RequestKind under_way_ = RequestKind::kOther;
  std::string cut_;  // the beginning of a line or a header whose end has not come
};

template <typename Take>
void RequestScanner::Scan(std::string_view input, size_t value_bytes, Take take) {
  std::string joined;
  if (!cut_.empty()) {
    joined.swap(cut_);
    joined.append(input);
    input = joined;
  }
  while (!input.empty()) {
    if (left_bytes_ > 0) {
      const size_t skipped = input.size() < left_bytes_ ? input.size() : left_bytes_;
      input.remove_prefix(skipped);
      left_bytes_ -= skipped;
      if (left_bytes_ == 0) {
        take(under_way_);
      }
      continue;
    }
    if (input.front() == binary::kRequestMagic) {
      if (input.size() < binary::kHeaderBytes) {
        cut_ = input;
        return;
      }
      left_bytes_ = binary::kHeaderBytes + uint64_t{BodyBytes(input)};
      under_way_ = KindOfOpcode(input[1]);
      continue;
    }
    const size_t newline = input.find('\n');
    if (newline == std::string_view::npos) {
      cut_ = input;
      return;
    }
    const RequestKind kind = KindOfLine(input.substr(0, newline));
    input.remove_prefix(newline + 1);
    if (kind == RequestKind::kClassicSet || kind == RequestKind::kMetaSet) {
      left_bytes_ = value_bytes + 2;  // with its line end
      under_way_ = kind;
    } else {
      take(kind);
    }
  }
}

}  // namespace quarry::bench
