#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/request.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {

/// A retrieval or a set with nothing unusual about it: what little of a Request it needs. Views
/// live as long as the bytes that they point to.
struct PlainRequest {
  enum class Kind : uint8_t {
    kNone,       ///< none of these
    kGet,        ///< a key of get or gets
    kMetaGet,    ///< an mg that asks for nothing but what is there
    kPacketGet,  ///< Get, GetQ, GetK, GetKQ
    kSet,        ///< a set that is answered
    kPacketSet,  ///< Set or SetQ without a CAS
  };
  Kind kind = Kind::kNone;
  bool want_cas = false;    ///< kGet
  bool ends_line = false;   ///< kGet
  bool want_value = false;  ///< kMetaGet
  bool want_key = false;    ///< kPacketGet
  bool quiet = false;       ///< kMetaGet and packets
  uint32_t client_flags = 0;
  uint32_t exptime = 0;
  std::string_view key = {};
  std::string_view value = {};        ///< sets
  std::string_view flag_tokens = {};  ///< kMetaGet

  bool is_set() const { return kind == Kind::kSet || kind == Kind::kPacketSet; }
};
static_assert(sizeof(PlainRequest) <= 64, "an array of them is gone through by a shift");

/// The same in full.
Request FullRequest(const PlainRequest& plain);

/// The first byte that is not above a space; `end` if there is none.
inline const char* FindPlainKeyEnd(const char* begin, const char* end) {
  constexpr ptrdiff_t kStepBytes = FindStep::kBytes;
  const char* at = begin;
  for (; end - at >= kStepBytes; at += kStepBytes) {
    const size_t found = FindStep::FindBlank(at);
    if (found < FindStep::kBytes) {
      return at + found;
    }
  }
  if (at != begin && at != end) {
    // The last step once more overlaps the one before it, where there was none.
    at = end - kStepBytes;
    return at + FindStep::FindBlank(at);
  }
  while (at != end && static_cast<unsigned char>(*at) > ' ') {
    ++at;
  }
  return at;
}

}  // namespace quarry::protocol
