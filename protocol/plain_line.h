#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/request.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {

/// The lines that come most often, in one pass each: `get` with one key, and `set` with its value
/// behind it; single spaces, CRLF, small numbers. Whatever else there is gets the general parser,
/// which leaves the same requests for these.

/// The key at `begin` and what ends it, the first space or line feed behind it; `end` if neither
/// comes within the longest key and a CR.
inline const char* FindPlainKeyEnd(const char* begin, const char* end) {
  const size_t window_bytes = std::min<size_t>(kMaxKeyBytes + 2, static_cast<size_t>(end - begin));
  const size_t key_bytes = FindFirst<' ', '\n'>({begin, window_bytes});
  return key_bytes < window_bytes ? begin + key_bytes : end;
}

/// Reads a number of one to nine digits at `begin`. Returns what ends it, and is not `end`; null
/// for any other text.
inline const char* ReadPlainNumber(const char* begin, const char* end, uint32_t& number) {
  constexpr ptrdiff_t kMaxDigits = 9;
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
  return at != begin && at - begin <= kMaxDigits && at != end ? at : nullptr;
}

/// Parses what follows `get `. Returns where the request ends, or null.
inline const char* ParsePlainGet(const char* key, const char* end, Request& request) {
  static constexpr Request kGet = {.op = Op::kGet, .want_value = true, .ends_line = true};
  const char* key_end = FindPlainKeyEnd(key, end);
  if (key_end == end || *key_end != '\n' || key_end - key < 2 || key_end[-1] != '\r') {
    return nullptr;
  }
  request = kGet;
  request.key = {key, static_cast<size_t>(key_end - key) - 1};
  return key_end + 1;
}

/// Parses what follows `set `. Returns where the request ends, or null.
inline const char* ParsePlainSet(const char* key, const char* end, Request& request) {
  static constexpr Request kSet = {.op = Op::kStore};
  const char* key_end = FindPlainKeyEnd(key, end);
  const auto key_bytes = static_cast<size_t>(key_end - key);
  if (key_end == end || *key_end != ' ' || key_bytes == 0 || key_bytes > kMaxKeyBytes) {
    return nullptr;
  }
  std::array<uint32_t, 3> numbers = {};  // client flags, exptime, bytes
  const char* at = key_end;
  for (uint32_t& number : numbers) {
    if (*at != ' ' || (at = ReadPlainNumber(at + 1, end, number)) == nullptr) {
      return nullptr;
    }
  }
  const uint32_t value_bytes = numbers[2];
  if (end - at < ptrdiff_t{4} + value_bytes || at[0] != '\r' || at[1] != '\n' ||
      at[2 + value_bytes] != '\r' || at[3 + value_bytes] != '\n') {
    return nullptr;
  }
  request = kSet;
  request.key = {key, key_bytes};
  request.client_flags = numbers[0];
  request.exptime = numbers[1];
  request.value_bytes = value_bytes;
  request.value = {at + 2, value_bytes};
  return at + 4 + value_bytes;
}

/// Parses such a request and returns its length; 0 for anything else, `request` being as it was.
inline size_t ParsePlainLine(std::string_view input, Request& request) {
  constexpr size_t kNameBytes = 4;  // with the space
  const char* const begin = input.data();
  const char* const end = begin + input.size();
  const char* request_end = nullptr;
  if (input.starts_with("get ")) {
    request_end = ParsePlainGet(begin + kNameBytes, end, request);
  } else if (input.starts_with("set ")) {
    request_end = ParsePlainSet(begin + kNameBytes, end, request);
  }
  return request_end != nullptr ? static_cast<size_t>(request_end - begin) : 0;
}

}  // namespace quarry::protocol
