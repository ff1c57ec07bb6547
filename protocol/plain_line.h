#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/flag_set.h"
#include "protocol/plain_request.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// The lines that come most often, in one pass each: `get` with one key, `mg` with flags that only
/// say what to return, and `set` with its value behind it; single spaces, CRLF, small numbers.
/// Whatever else there is gets the general parser, which leaves the same requests for these.

/// True for a line that begins with the command `name`, a space included.
template <size_t kSize>
bool IsPlainCommand(const char (&name)[kSize], const char* begin, const char* end) {
  constexpr size_t kNameBytes = kSize - 1;
  return end - begin >= ptrdiff_t{kNameBytes} && std::memcmp(begin, name, kNameBytes) == 0;
}

/// Reads a number of one to nine digits behind the space at `space`, which is before `end`. Returns
/// what ends it, and is before `end` as well; null for any other text.
inline const char* ReadPlainNumber(const char* space, const char* end, uint32_t& number) {
  constexpr ptrdiff_t kMaxDigits = 9;
  if (*space != ' ') {
    return nullptr;
  }
  const char* const begin = space + 1;
  const char* at = begin;
  uint32_t value = 0;
  for (; at != end; ++at) {
    const auto digit = static_cast<uint32_t>(static_cast<unsigned char>(*at)) - '0';
    if (digit > 9) {
      break;
    }
    value = value * 10 + digit;
  }
  number = value;
  return at != begin && at != end && at - begin <= kMaxDigits ? at : nullptr;
}

/// A `get` of one key: returns where the line ends; null for anything else.
inline const char* ParsePlainGet(const char* begin, const char* end, PlainRequest& request) {
  const char* const key = begin + 4;
  const char* const key_end = FindPlainKeyEnd(key, end);
  const auto key_bytes = static_cast<size_t>(key_end - key);
  if (end - key_end < 2 || std::memcmp(key_end, "\r\n", 2) != 0 || key_bytes == 0 ||
      key_bytes > kMaxKeyBytes) {
    return nullptr;
  }
  request.kind = PlainRequest::Kind::kGet;
  request.want_cas = false;
  request.ends_line = true;
  request.key = {key, key_bytes};
  return key_end + 2;
}

/// The next key of a `get` or `gets` while `line` stands in one, behind one space: returns where it
/// ends, or the line with it; null, and nothing is changed, for anything else.
inline const char* ParsePlainKey(const char* begin, const char* end, PlainRequest& request,
                                 RetrievalLine& line) {
  const bool has_plain_keys = line.active && !line.skip_to_end && !line.prototype->touch;
  if (!has_plain_keys || begin == end || *begin != ' ') {
    return nullptr;
  }
  const char* const key = begin + 1;
  const char* const key_end = FindPlainKeyEnd(key, end);
  const auto key_bytes = static_cast<size_t>(key_end - key);
  if (key_end == end || key_bytes == 0 || key_bytes > kMaxKeyBytes) {
    return nullptr;
  }
  const bool more_follow = *key_end == ' ';
  if (!more_follow && (end - key_end < 2 || std::memcmp(key_end, "\r\n", 2) != 0)) {
    return nullptr;
  }
  line.active = more_follow;
  request.kind = PlainRequest::Kind::kGet;
  request.want_cas = line.prototype->want_cas;
  request.ends_line = !more_follow;
  request.key = {key, key_bytes};
  return more_follow ? key_end : key_end + 2;
}

/// A `set`: returns where its value's line ends; null for anything else.
inline const char* ParsePlainSet(const char* begin, const char* end, PlainRequest& request) {
  const char* const key = begin + 4;
  const char* const key_end = FindPlainKeyEnd(key, end);
  const auto key_bytes = static_cast<size_t>(key_end - key);
  if (key_end == end || key_bytes == 0 || key_bytes > kMaxKeyBytes) {
    return nullptr;
  }
  uint32_t value_bytes = 0;
  const char* line_end = ReadPlainNumber(key_end, end, request.client_flags);
  line_end = line_end != nullptr ? ReadPlainNumber(line_end, end, request.exptime) : nullptr;
  line_end = line_end != nullptr ? ReadPlainNumber(line_end, end, value_bytes) : nullptr;
  if (line_end == nullptr || end - line_end < ptrdiff_t{4} + value_bytes) {
    return nullptr;
  }
  const char* const value = line_end + 2;
  if (std::memcmp(line_end, "\r\n", 2) != 0 || std::memcmp(value + value_bytes, "\r\n", 2) != 0) {
    return nullptr;
  }
  request.kind = PlainRequest::Kind::kSet;
  request.key = {key, key_bytes};
  request.value = {value, value_bytes};
  return value + value_bytes + 2;
}

/// An `mg`: returns where the line ends; null for anything else.
inline const char* ParsePlainMetaGet(const char* begin, const char* end, PlainRequest& request) {
  constexpr FlagSet kPlainFlags{"cfkqstv"};
  const char* const key = begin + 3;
  const char* const key_end = FindPlainKeyEnd(key, end);
  const auto key_bytes = static_cast<size_t>(key_end - key);
  if (key_bytes == 0 || key_bytes > kMaxKeyBytes) {
    return nullptr;
  }
  FlagSet seen;
  const char* at = key_end;
  for (; end - at >= 2 && *at == ' '; at += 2) {
    if (!kPlainFlags.Contains(at[1]) || seen.Contains(at[1])) {
      return nullptr;
    }
    seen.Add(at[1]);
  }
  if (end - at < 2 || std::memcmp(at, "\r\n", 2) != 0) {
    return nullptr;
  }
  request.kind = PlainRequest::Kind::kMetaGet;
  request.want_value = seen.Contains('v');
  request.quiet = seen.Contains('q');
  request.key = {key, key_bytes};
  const char* const flags = at == key_end ? at : key_end + 1;
  request.flag_tokens = {flags, static_cast<size_t>(at - flags)};
  return at + 2;
}

/// Any of them: fills `request` and returns where it ends; null for anything else.
[[gnu::always_inline]] inline const char* ParsePlainLine(const char* begin, const char* end,
                                                         PlainRequest& request) {
  if (IsPlainCommand("get ", begin, end)) {
    return ParsePlainGet(begin, end, request);
  }
  if (IsPlainCommand("mg ", begin, end)) {
    return ParsePlainMetaGet(begin, end, request);
  }
  return IsPlainCommand("set ", begin, end) ? ParsePlainSet(begin, end, request) : nullptr;
}

}  // namespace quarry::protocol
